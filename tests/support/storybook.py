"""What whoever tells a story knows: the facts told so far, and what must follow from them. Nothing here asks a service.
The facts of each unit become a worked case (a vector of `nivactl evaluate`), which says what every month costs; section
9.5 of the model, written here once more from its words, says what is due of it after what was decided."""
import collections
import json
import re
import subprocess

from expect import expect

LABEL = re.compile(r"\$([a-z0-9-]+)\.[a-z_.]+")  # "$anna.report.report_id", as `nivactl apply` has it
OUTSIDE = ("unit", "profession_group", "region_code", "received_at", "received_via", "certified_by", "reason",
           "resolution_note", "plan_note", "reference", "evidence", "case_number", "expected_version", "version")

Decided = collections.namedtuple("Decided", "adjustment_id deduction total money_back")


def ore(kronor):
    """"1 234,50" in öre."""
    whole, _, part = kronor.replace(" ", "").replace("−", "-").partition(",")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 100 + int((part + "00")[:2]))


def due(new, decided):
    """What is due of a month that costs `new` after these lines (model section 9.5)."""
    taken, bounds = 0, [new]
    for line in decided:
        taken += line.deduction
        if not line.money_back:
            bounds.append(taken + max(0, new - line.total))
    return min(bounds)


def bare(fact):
    """A fact as a vector takes it: of one unit and group, and without what no figure rests on."""
    return {key: value for key, value in fact.items() if key not in OUTSIDE}


class Book:
    """The facts of some units, each in the form in which it was told."""

    def __init__(self, units):
        self.units = units
        self.told = {unit: collections.defaultdict(list) for unit in units}
        self.rule_sets = {}
        self.components = {unit: {} for unit in units}
        self.registered = {}
        self.decided = collections.defaultdict(list)  # (unit, component, period) -> Decided, in the order of decisions

    # ---- facts ----

    def take(self, method, request, recorded_at, label):
        """Writes down what a call says; `label` is what later ones know it by. What moves no figure passes by."""
        taker = getattr(self, "take_" + method.split("/")[1], None)
        if taker is not None:
            taker(json.loads(LABEL.sub(r"\1", json.dumps(request))), recorded_at, label)

    def note(self, unit, kind, fact, recorded_at):
        for told in [self.told[unit]] if unit in self.told else [] if unit else self.told.values():
            told[kind].append(dict(bare(fact), recorded_at=recorded_at))

    def take_PutRuleSet(self, request, _at, _label):
        rule_set = {key: value for key, value in bare(request["rule_set"]).items()
                    if key not in ("source_documents", "decision_reference", "remark_sv", "remark_en")}
        self.rule_sets[rule_set["rule_set_id"]] = rule_set

    def take_PutUnit(self, request, _at, _label):
        self.registered[request["unit"]["hsa_id"]] = request["unit"]

    def take_PutContract(self, request, at, _label):
        self.note(request["contract"]["unit"], "contracts", request["contract"], at)

    def take_PutListings(self, request, at, _label):
        for listing in request["listings"]:
            self.note(listing["unit"], "listings", listing, at)

    def take_SubmitReport(self, request, at, label):
        self.note(request["report"]["unit"], "reports", dict(request["report"], report_id=label), at)

    def take_WithdrawReport(self, request, at, _label):
        for told in self.told.values():
            if any(report["report_id"] == request["report_id"] for report in told["reports"]):
                told["withdrawals"].append({"report_id": request["report_id"], "recorded_at": at})

    def take_NotifyAbsence(self, request, at, label):
        absence = request["absence"]
        self.note(absence["unit"], "absences", dict(absence, absence_id=absence.get("absence_id", label)), at)

    take_UpdateAbsence = take_NotifyAbsence

    def take_CancelAbsence(self, request, at, _label):
        for told in self.told.values():
            last = [one for one in told["absences"] if one["absence_id"] == request["absence_id"]][-1:]
            told["absences"] += [dict(one, cancelled=True, recorded_at=at) for one in last]

    def take_GrantDispensation(self, request, at, label):
        given = request["dispensation"]
        self.note(given.get("unit", ""), "dispensations", dict(given, dispensation_id=label), at)

    def take_PutFinding(self, request, at, label):
        self.note(request["finding"]["unit"], "findings", dict(request["finding"], finding_id=label), at)

    def take_PutComponent(self, request, _at, _label):
        one = request["component"]
        if one["unit"] in self.components:
            self.components[one["unit"]][one["component"], one["first_day"]] = bare(one)

    # ---- what follows ----

    def vector(self, unit, last_day, periods, rule_sets=None):
        """The worked case of a unit up to a day; `rule_sets` instead of those that were put."""
        registered = self.registered[unit]
        return {"name": unit, "scenario": {
            "horizon": {"first_day": "2020-01-01", "last_day": last_day},
            "unit": {key: registered[key] for key in ("opened_on", "closed_on") if key in registered},
            "rule_sets": rule_sets or list(self.rule_sets.values()),
            "components": list(self.components[unit].values()), "periods": periods, **self.told[unit]}}

    def evaluate(self, nivactl, folder, last_day, periods, rule_sets=None):
        """What `nivactl evaluate` makes of every unit's case: unit -> outcome."""
        paths = []
        for unit in self.units:
            path = folder / f"{unit}.json"
            path.write_text(json.dumps(self.vector(unit, last_day, periods, rule_sets)), encoding="utf-8")
            paths.append(path)
        done = subprocess.run([nivactl, "evaluate", *paths, "--output", "json"], capture_output=True, text=True,
                              check=False, timeout=60)
        expect(f"nivactl evaluate: {done.stderr}", 0, done.returncode)
        return dict(zip(self.units, map(json.loads, done.stdout.splitlines()), strict=True))

    def owner(self, unit, day):
        """Who runs a unit on a day, and how: (organisation number, operating form)."""
        last = max((owner for owner in self.registered[unit]["owners"] if owner["first_day"] <= day),
                   key=lambda owner: owner["first_day"])
        return last["org_number"], last["form"]
