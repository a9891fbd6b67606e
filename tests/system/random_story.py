#!/usr/bin/python3
"""A story that nobody thought out: `random_story.py BUILD SEED STEPS`. Random facts of three centres, late and early ones,
corrected and taken back, under rules that change, are told to a whole system in random order, with decisions and
settlements between them. After each step everything is what the model and section 9.5 of it make of what was told
(tests/support/storyteller.py)."""
import datetime
import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from expect import Failure  # noqa: E402
from handover import Ledger  # noqa: E402
from storyteller import Teller  # noqa: E402

UNITS = [f"SE4999000005-FIKTIVSL{number}" for number in range(3)]
GROUP = "fysioterapeut"
COMPLIANCE, INTAKE = "niva.compliance.v1.", "niva.intake.v1."
OWNERS = ({"org_number": "4999000005", "form": "INTRAPRENAD"}, {"org_number": "4999001011", "form": "PRIVATE"})
FORMULAS = ({"formula": "PRO_RATA"}, {"formula": "ALL_OR_NOTHING"},
            {"formula": "PER_MISSING_FTE", "ore_per_fte_month": "5000000"},
            {"formula": "PER_STARTED_MONTH", "permille": 125, "max_periods": 2},
            {"formula": "PER_STARTED_WEEK", "permille": 125}, {"formula": "STEP_TABLE", "steps": [
                {"below_permille": 700, "deduct_permille": 300}, {"below_permille": 950, "deduct_permille": 100}]})


class RandomStory:
    def __init__(self, build, seed):
        self.chance = random.Random(seed)
        self.teller = Teller(build, UNITS, [])
        self.ledger = Ledger(self.teller)
        self.today = datetime.date(2022, 1, 3)
        self.told = 0
        self.reports = {unit: [] for unit in UNITS}  # labels of those that can be corrected or withdrawn
        self.absences = {unit: [] for unit in UNITS}  # (label, position)

    # ---- what may be drawn ----

    def day(self, least, most):
        """A day so many days from today."""
        return str(self.today + datetime.timedelta(days=self.chance.randint(least, most)))

    def after(self, day, most):
        return str(datetime.date.fromisoformat(day) + datetime.timedelta(days=self.chance.randint(0, most)))

    def sometimes(self, share, **fields):
        return fields if self.chance.random() < share else {}

    def tell(self, method, request, principal="fiktiv.chef.1"):
        self.told += 1
        label = f"faktum-{self.told}"
        self.teller.tell(label, method, request, principal)
        return label

    def rule_set(self):
        self.tell(COMPLIANCE + "RuleService/PutRuleSet", {"rule_set": {
            "rule_set_id": "fysioterapi", "region_code": "99", "profession_group": GROUP, "first_day": "2022-01-01",
            "severity": "BINDING", "requirement": {"kind": "CONTRACTED"},
            "counting": {"title_codes": ["FT", "SG"], "employments": ["EMPLOYED", "SUBSTITUTE", "HIRED"],
                         "absence_threshold_days": self.chance.choice([0, 14, 30]),
                         "absence_counts_from": self.chance.choice(["FIRST_DAY", "AFTER_THRESHOLD"]),
                         "tolerance_milli": self.chance.choice([0, 100]), **self.sometimes(0.4, absence_join_gap_days=3),
                         **self.sometimes(0.3, hired_cap_permille=300),
                         **self.sometimes(0.3, exempt_categories=["VACATION"])},
            "regulation": {**self.chance.choice(FORMULAS), "grace_days": self.chance.choice([0, 0, 3]),
                           **self.sometimes(0.3, cap_permille=400), **self.sometimes(0.3, minimum_ore="200000"),
                           **self.sometimes(0.3, rounding_unit_ore=100)}}}, "fiktiv.beslutsfattare.1")

    def unit(self, unit):
        self.tell(INTAKE + "UnitService/PutUnit", {"unit": {
            "hsa_id": unit, "name": f"Vårdcentralen {unit[-1]} (fiktiv)", "region_code": "99", "opened_on": "2020-01-01",
            "owners": [dict(OWNERS[1], first_day="2020-01-01")]}})

    def new_owner(self):
        """A unit is taken over on some day to come."""
        unit = dict(self.teller.book.registered[self.chance.choice(UNITS)])
        first_day = self.day(1, 20)
        if first_day > unit["owners"][-1]["first_day"]:
            unit["owners"] = [*unit["owners"], dict(self.chance.choice(OWNERS), first_day=first_day)]
            self.tell(INTAKE + "UnitService/PutUnit", {"unit": unit})

    def contract(self, unit=None, first_day=None):
        self.tell(COMPLIANCE + "RequirementService/PutContract", {"contract": {
            "unit": unit or self.chance.choice(UNITS), "profession_group": GROUP, "first_day": first_day or self.day(-60, 10),
            "minimum_milli": self.chance.choice([1500, 2000, 2500, 3000])}}, "fiktiv.avtal.1")

    def component(self, unit=None, first_day=None):
        self.tell("niva.compensation.v1.ComponentService/PutComponent", {"component": {
            "component": self.chance.choice(["fysioterapi", "rehabilitering"]), "unit": unit or self.chance.choice(UNITS),
            "profession_group": GROUP,
            "first_day": first_day or self.chance.choice(["2022-01-01", "2022-01-15", "2022-02-10", "2022-03-01"]),
            "monthly_ore": str(self.chance.randint(0, 7000000)), "regulated": self.chance.random() < 0.85}})

    def position(self, key):
        return {"position_key": key, "title_code": self.chance.choice(["FT", "FT", "SG", "NA"]),
                "employment": self.chance.choice(["EMPLOYED", "EMPLOYED", "HIRED", "SUBSTITUTE"]),
                "fte_milli": self.chance.choice([1000, 1000, 750, 500]), "licensed": self.chance.random() < 0.95,
                **self.sometimes(0.15, last_day=self.day(0, 60))}

    def report(self):
        unit = self.chance.choice(UNITS)
        corrects = self.chance.choice(self.reports[unit]) if self.reports[unit] and self.chance.random() < 0.3 else None
        keys = self.chance.sample(["p1", "p2", "p3", "p4"], self.chance.randint(0, 4))
        label = self.tell(INTAKE + "ReportService/SubmitReport", {"report": {
            "unit": unit, "profession_group": GROUP, "effective_from": self.day(-60, 20), "reason": "OTHER",
            "positions": [self.position(key) for key in keys],
            **({"corrects_report_id": f"${corrects}.report.report_id"} if corrects else {})}})
        self.reports[unit] = [one for one in self.reports[unit] if one != corrects] + [label]

    def withdrawal(self):
        unit = self.chance.choice(UNITS)
        if self.reports[unit]:
            label = self.reports[unit].pop(self.chance.randrange(len(self.reports[unit])))
            self.tell(INTAKE + "ReportService/WithdrawReport",
                      {"report_id": f"${label}.report.report_id", "reason": "Fiktivt skäl"})

    def absence_of(self, unit, key):
        first_day = self.day(-60, 20)
        cover = dict(self.position(self.chance.choice(["v1", "v2"])), first_day=first_day)
        return {"unit": unit, "profession_group": GROUP, "position_key": key, "first_day": first_day,
                "category": self.chance.choice(["OTHER", "OTHER", "VACATION", "LOANED_OUT"]),
                **self.sometimes(0.8, expected_last_day=self.after(first_day, 60)),
                **self.sometimes(0.3, absent_milli=self.chance.choice([100, 500])),
                **({"cover": [dict(cover, last_day="")]} if self.chance.random() < 0.3 else {})}

    def absence(self):
        unit, key = self.chance.choice(UNITS), self.chance.choice(["p1", "p2", "p3", "p4"])
        label = self.tell(INTAKE + "AbsenceService/NotifyAbsence", {"absence": self.absence_of(unit, key)})
        self.absences[unit].append((label, key))

    def absence_change(self):
        unit = self.chance.choice(UNITS)
        if not self.absences[unit]:
            return
        label, key = known = self.chance.choice(self.absences[unit])
        absence_id = f"${label}.absence.absence_id"
        if self.chance.random() < 0.25:
            self.absences[unit].remove(known)
            self.tell(INTAKE + "AbsenceService/CancelAbsence", {"absence_id": absence_id})
        else:
            self.tell(INTAKE + "AbsenceService/UpdateAbsence",
                      {"absence": dict(self.absence_of(unit, key), absence_id=absence_id)})

    def dispensation(self):
        first_day = self.day(-30, 10)
        where = {"unit": self.chance.choice(UNITS)} if self.chance.random() < 0.8 else {"region_code": "99"}
        self.tell(COMPLIANCE + "DispensationService/GrantDispensation", {"dispensation": {
            **where, "profession_group": GROUP, "first_day": first_day, "decision_reference": "Beslut (fiktivt)",
            **self.sometimes(0.7, last_day=self.after(first_day, 40)), **self.sometimes(0.5, reduced_minimum_milli=1200)}},
                  "fiktiv.beslutsfattare.1")

    def finding(self):
        first_day = self.day(-60, 0)
        self.tell(COMPLIANCE + "FindingService/PutFinding", {"finding": {
            "unit": self.chance.choice(UNITS), "profession_group": GROUP, "first_day": first_day,
            "last_day": self.after(first_day, 30), "counted_milli": self.chance.choice([0, 900, 1500, 2500]),
            "evidence": "Besök (fiktivt)", "case_number": "FIKTIV-1"}}, "fiktiv.handlaggare.1")

    # ---- what people do about it ----

    def decision(self):
        lines = self.teller.adjustments(states=("PROPOSED", "IN_DIALOGUE"))
        for line in self.chance.sample(lines, min(2, len(lines))):
            self.teller.system.ask("prepare", line["adjustment_id"], principal="fiktiv.handlaggare.2")
            outcome = "approve" if line["computed_ore"] < 0 else self.chance.choice(["approve", "approve", "waive", "revise"])
            kronor = "{},{:02}".format(*divmod(self.chance.randrange(max(1, line["computed_ore"])), 100))
            why = {} if outcome == "approve" else {"code": "OTHER", "reason": "Fiktivt skäl"}
            self.teller.decide(line, outcome, "fiktiv.beslutsfattare.2", kronor=kronor, **why)

    def settlement(self):
        """A month is handed over once; what is decided later waits for the next one."""
        months = {one["period"] for one in self.teller.system.ask("settle", "list")["settlements"]
                  if one["state"] != "VOIDED"}
        if not self.ledger.waiting() or str(self.today)[:7] in months:
            return
        settlement_id = self.ledger.export(str(self.today)[:7])
        if self.chance.random() < 0.4:
            self.ledger.void(settlement_id, "Fiktivt skäl")
        else:
            self.ledger.book(settlement_id, "F-1")

    # ---- the story ----

    def begin(self):
        self.teller.day(str(self.today))
        self.rule_set()
        for unit in UNITS:
            self.unit(unit)
            self.contract(unit, "2022-01-01")
            self.component(unit, "2022-01-01")

    def step(self):
        steps = ((self.report, 5), (self.absence, 3), (self.absence_change, 2), (self.decision, 4), (self.settlement, 1),
                 *((one, 1) for one in (self.withdrawal, self.contract, self.dispensation, self.finding, self.component,
                                        self.rule_set, self.new_owner)))
        self.chance.choices([one for one, _ in steps], [weight for _, weight in steps])[0]()
        if self.chance.random() < 0.35:
            self.today += datetime.timedelta(days=self.chance.randint(1, 12))
            self.teller.day(str(self.today))
        self.teller.wait()
        self.teller.reckon()

    def play(self, steps):
        self.begin()
        for _ in range(steps):
            self.step()
        self.ledger.never_changed()
        self.teller.system.end()
        print("compared:", ", ".join(f"{number} {what}" for what, number in self.teller.checked.items()))


def main():
    seed, steps = int(sys.argv[2]), int(sys.argv[3])
    try:
        RandomStory(sys.argv[1], seed).play(steps)
    except Failure as failure:
        sys.exit(f"seed {seed}: {failure}")


if __name__ == "__main__":
    main()
