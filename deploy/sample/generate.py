#!/usr/bin/env python3
"""Makes region.ndjson, the fictive sample region that `nivactl apply` loads.

    generate.py            prints the lines
    generate.py --check    compares them with region.ndjson; exit code 1 if they differ

Nothing here is a real region's figure: names, organisation numbers, contracts, amounts and persons' positions are
invented, and say so ("fiktiv"). The same seed gives the same bytes on every machine.
"""

import json
import pathlib
import random
import sys
from datetime import date, datetime, timedelta, timezone

GROUP = "fysioterapeut"
REGION_CODE = "99"
END = date(2022, 9, 30)
REGULATED = "fysioterapi"
UNREGULATED = "grundersättning"
ORE_PER_FTE = {2020: 2_850_000, 2021: 2_920_000, 2022: 3_000_000}

NAMES = (
    "Blåsippan Gullvivan Kattfoten Linnean Smultronet Tranbäret Hjortronet Åkerbäret Lingonet Kastanjen Eken Linden "
    "Rönnen Hasseln Aspen Poppeln Enen Älgörten Ängsullen Öringen Gäddan Abborren Lärkan Siskan Domherren "
    "Koltrasten Tärnan"
).split()

rng = random.Random(20220623)


def pick(count):
    """A whole number 0 … count - 1; by random() alone, whose values the language guarantees."""
    return int(rng.random() * count)


def one_of(values):
    return values[pick(len(values))]


# ---- days and instants ----


def last_sunday(year, month):
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def at(day, hour=None, minute=None):
    """A working hour of a local day in Sweden, in UTC."""
    hour = 8 + pick(8) if hour is None else hour
    minute = pick(60) if minute is None else minute
    summer = last_sunday(day.year, 3) <= day < last_sunday(day.year, 10)
    local = datetime(day.year, day.month, day.day, hour, minute, pick(60), pick(1_000_000))
    return (local - timedelta(hours=2 if summer else 1)).replace(tzinfo=timezone.utc)


def stamp(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def working(day):
    """The day itself, or the Monday after it."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def after(day, least, most):
    """A working day so many days after another."""
    return working(day + timedelta(days=least + pick(most - least + 1)))


# ---- identities that cannot exist ----


def org_number(serial):
    """Group number 4 is not in use in Sweden; the tenth digit is the Luhn check digit."""
    digits = f"4999{serial:05d}"
    total = sum((value := int(digit) * (2 - index % 2)) - (9 if value > 9 else 0) for index, digit in enumerate(digits))
    return digits + str(-total % 10)


REGION = org_number(0)


# ---- the lines ----

lines = []


def emit(instant, principal, method, request, label=None):
    line = {"recorded_at": instant, "principal": principal, "method": method, "request": request}
    if label:
        line["as"] = label
    lines.append((instant, len(lines), line))


def officer():
    return f"fiktiv.handlaggare.{1 + pick(3)}"


class Centre:
    """A centre and what it has said of its staffing so far."""

    def __init__(self, number):
        self.number = number
        self.name = f"Vårdcentralen {NAMES[number - 1]} (fiktiv)"
        self.hsa_id = f"SE{REGION}-FIKTIVVC{number:02d}"
        self.region_run = number % 9 in (1, 3, 5, 7)  # 12 of 27
        self.minimum = 1200 + 100 * pick(24)
        self.listed = 2600 + 2 * self.minimum + pick(900)
        self.positions = {}
        self.serial = 0
        self.reports = 0
        self.absences = 0

    def hire(self, milli, title="FT", employment="EMPLOYED", last_day=None):
        self.serial += 1
        key = f"{title.lower()}-{self.serial:02d}"
        self.positions[key] = {
            "position_key": key,
            "title_code": title,
            "employment": employment,
            "fte_milli": milli,
            "licensed": True,
        }
        if last_day:
            self.positions[key]["last_day"] = last_day.isoformat()
        return key

    def staff(self, milli):
        """Hires until so many milli-FTE are staffed."""
        while milli > 0:
            part = min(milli, one_of([1000, 1000, 1000, 875, 800, 750]))
            part = milli if milli - part < 200 and milli <= 1000 else part
            self.hire(part, one_of(["FT", "FT", "FT", "SG"]))
            milli -= part

    def staffed(self):
        return sum(p["fte_milli"] for p in self.positions.values() if p["title_code"] in ("FT", "SG"))

    def raise_to(self, milli):
        if self.staffed() < milli:
            self.staff(milli - self.staffed())

    def first_key(self):
        return next(key for key, p in self.positions.items() if p["title_code"] in ("FT", "SG"))

    def head(self):
        return f"fiktiv.chef.{self.number:02d}"

    def report(self, effective, recorded, reason, note="", mail_days=0, corrects=None):
        """Files the present positions. By mail: received so many days before it was registered."""
        self.reports += 1
        label = f"redovisning-{self.number:02d}-{self.reports}"
        by_mail = mail_days > 0
        report = {
            "unit": self.hsa_id,
            "profession_group": GROUP,
            "effective_from": effective.isoformat(),
            "positions": list(json.loads(json.dumps(self.positions)).values()),
            "reason": reason,
            "certified_by": {
                "hsa_id": f"SE{REGION}-FIKTIVCHEF{self.number:02d}",
                "role": "DEPUTY" if pick(8) == 0 else "HEAD",
            },
            "received_via": "EMAIL" if by_mail else one_of(["WEB", "WEB", "API"]),
        }
        if note:
            report["resolution_note"] = note + " (fiktivt exempel)"
        if corrects:
            report["corrects_report_id"] = f"${corrects}.report.report_id"
        if by_mail:
            report["received_at"] = stamp(at(recorded - timedelta(days=mail_days)))
        emit(
            at(recorded),
            officer() if by_mail else self.head(),
            "niva.intake.v1.ReportService/SubmitReport",
            {"report": report},
            label,
        )
        return label

    def confirm(self, recorded):
        emit(
            at(recorded),
            self.head(),
            "niva.intake.v1.ReportService/ConfirmStaffing",
            {"unit": self.hsa_id, "profession_group": GROUP, "as_of": recorded.isoformat()},
        )

    def absence(self, key, first, last, recorded, category="OTHER", cover=None, part=None, plan="", update=None):
        """Notifies an absence, or with `update` replaces the one of that label."""
        absence = {
            "unit": self.hsa_id,
            "profession_group": GROUP,
            "position_key": key,
            "first_day": first.isoformat(),
            "category": category,
        }
        if last:
            absence["expected_last_day"] = last.isoformat()
        if part:
            absence["absent_milli"] = part
        if cover:
            absence["cover"] = cover
        if plan:
            absence["plan_note"] = plan + " (fiktivt exempel)"
        if update:
            absence["absence_id"] = f"${update}.absence.absence_id"
            emit(at(recorded), self.head(), "niva.intake.v1.AbsenceService/UpdateAbsence", {"absence": absence})
            return update
        self.absences += 1
        label = f"franvaro-{self.number:02d}-{self.absences}"
        emit(at(recorded), self.head(), "niva.intake.v1.AbsenceService/NotifyAbsence", {"absence": absence}, label)
        return label

    def cancel_absence(self, label, recorded):
        emit(
            at(recorded),
            self.head(),
            "niva.intake.v1.AbsenceService/CancelAbsence",
            {"absence_id": f"${label}.absence.absence_id"},
        )

    def substitute(self, milli, first, last=None):
        self.serial += 1
        cover = {
            "position_key": f"vik-{self.serial:02d}",
            "title_code": "FT",
            "employment": "SUBSTITUTE",
            "fte_milli": milli,
            "licensed": True,
            "first_day": first.isoformat(),
        }
        if last:
            cover["last_day"] = last.isoformat()
        return [cover]

    def contract(self, first, minimum, recorded):
        self.minimum = minimum
        emit(
            at(recorded),
            "fiktiv.avtalshandlaggare.1",
            "niva.compliance.v1.RequirementService/PutContract",
            {
                "contract": {
                    "unit": self.hsa_id,
                    "profession_group": GROUP,
                    "first_day": first.isoformat(),
                    "minimum_milli": minimum,
                    "reference": f"Avtal FIK-{self.number:02d}-{first:%Y%m} (fiktivt)",
                }
            },
        )


centres = {number: Centre(number) for number in range(1, 28)}

# Who plays a part in the summer and autumn of 2022; the others are staffed as they should be.
NEVER_REPORTED = {20, 23}
STALE = {5, 10, 27}
PLAYERS = {3, 7, 9, 11, 12, 14, 16, 17, 18, 20, 22, 25}
MINIMA = {3: 2600, 7: 2500, 9: 2500, 11: 2800, 12: 2200, 14: 2000, 16: 2400, 17: 2000, 18: 2300, 20: 2200, 22: 3000, 25: 2750}
for number, minimum in MINIMA.items():
    centres[number].minimum = minimum


# ---- what the purchaser registers ----


def rule_set(rule_set_id, first, last, formula, max_age, remark_sv="", remark_en="", reference=""):
    reporting = {
        "report_max_age_days": max_age,
        "change_within_days": 14,
        "absence_notice_over_days": 30,
        "absence_within_days": 3,
        "plan_within_days": 14,
    }
    regulation = {"formula": formula}
    if formula != "NONE":
        reporting["confirm_planned_within_days"] = 14
        regulation |= {"dialogue_required": True, "statement_days": 21}
    rules = {
        "rule_set_id": rule_set_id,
        "region_code": REGION_CODE,
        "profession_group": GROUP,
        "first_day": first,
        "severity": "BINDING",
        "source_documents": ["35918", "50293"],
        "decision_reference": reference,
        "requirement": {"kind": "CONTRACTED"},
        "counting": {
            "title_codes": ["FT", "SG"],
            "employments": ["EMPLOYED", "SUBSTITUTE", "HIRED"],
            "absence_threshold_days": 30,
            "absence_counts_from": "FIRST_DAY",
        },
        "reporting": reporting,
        "regulation": regulation,
        "remark_sv": remark_sv,
        "remark_en": remark_en,
    }
    if last:
        rules["last_day"] = last
    return {"rule_set": rules}


def register_rules():
    decider = "fiktiv.beslutsfattare.1"
    method = "niva.compliance.v1.RuleService/PutRuleSet"
    remark = ("Fiktiv region: ingen reglering enligt denna regeluppsättning.", "Fictive region: nothing is regulated.")
    old = ("fysioterapi-2020", "2020-01-01")
    reference = "Beslut RE 2019-1216-4 (fiktivt)"
    emit(at(date(2020, 1, 2), 8, 30), decider, method, rule_set(*old, None, "NONE", 365, *remark, reference))
    # Announced on 23 June: what was open-ended ends, and what follows it regulates.
    letter = "Brev till verksamhetschefer 2022-06-23 (fiktivt)"
    emit(at(date(2022, 6, 23), 9, 0), decider, method, rule_set(*old, "2022-06-30", "NONE", 365, *remark, letter))
    remark = ("Fiktiv region: formeln är ett antagande.", "Fictive region: the formula is an assumption.")
    new = rule_set("fysioterapi-2022", "2022-07-01", None, "PRO_RATA", 180, *remark, letter)
    emit(at(date(2022, 6, 23), 9, 10), decider, method, new)


def register_dispensations():
    method = "niva.compliance.v1.DispensationService/GrantDispensation"
    region_wide = {
        "region_code": REGION_CODE,
        "profession_group": GROUP,
        "first_day": "2020-03-01",
        "last_day": "2021-12-31",
        "decision_reference": "Beslut RE 2020-0316-1, pandemin (fiktivt)",
        "review_on": "2020-12-31",
    }
    emit(at(date(2020, 3, 16), 13, 0), "fiktiv.beslutsfattare.1", method, {"dispensation": region_wide})
    rebuilding = {
        "unit": centres[17].hsa_id,
        "profession_group": GROUP,
        "first_day": "2022-08-01",
        "last_day": "2022-10-31",
        "reduced_minimum_milli": 1500,
        "decision_reference": "Beslut RE 2022-0711-2, ombyggnad (fiktivt)",
        "review_on": "2022-10-15",
    }
    emit(at(date(2022, 7, 12), 10, 0), "fiktiv.beslutsfattare.2", method, {"dispensation": rebuilding})


def owners(centre):
    if centre.region_run:
        return [
            {"org_number": REGION, "form": "REGION_RUN", "first_day": "2012-01-01"},
            {"org_number": REGION, "form": "INTRAPRENAD", "first_day": "2020-01-01"},
        ]
    company = {"org_number": org_number(100 + centre.number // 2), "form": "PRIVATE", "first_day": "2012-01-01"}
    if centre.number != 22:
        return [company]
    return [company, {"org_number": org_number(199), "form": "PRIVATE", "first_day": "2021-05-01"}]


def register_units():
    for centre in centres.values():
        opened = "2020-09-01" if centre.number == 24 else "2012-01-01"
        unit = {
            "hsa_id": centre.hsa_id,
            "name": centre.name,
            "region_code": REGION_CODE,
            "email": f"vc{centre.number:02d}@exempelregionen.example",
            "owners": owners(centre),
            "opened_on": opened,
        }
        if centre.number == 24:
            unit["owners"][0]["first_day"] = opened
        emit(
            at(date(2020, 1, 2), 9, centre.number),
            "fiktiv.avtalshandlaggare.1",
            "niva.intake.v1.UnitService/PutUnit",
            {"unit": unit},
        )


def register_contracts():
    for centre in centres.values():
        minimum = centre.minimum
        first = date(2020, 9, 1) if centre.number == 24 else date(2020, 1, 1)
        centre.contract(first, minimum - 100 if centre.number % 4 == 0 else minimum, date(2020, 1, 3))
        if centre.number % 4 == 0:  # the contracts that were renewed
            centre.contract(date(2022, 1, 1), minimum, date(2021, 12, 6))


def register_components():
    for year, recorded in ((2020, date(2020, 1, 7)), (2021, date(2020, 12, 14)), (2022, date(2021, 12, 13))):
        for centre in centres.values():
            first = "2020-09-01" if centre.number == 24 and year == 2020 else f"{year}-01-01"
            fixed = centre.minimum * ORE_PER_FTE[year] // 1000
            base = (centre.listed * (11_000 + 200 * (year - 2020)) // 100_000) * 100_000
            for name, ore, regulated in ((REGULATED, fixed, True), (UNREGULATED, base, False)):
                component = {
                    "component": name,
                    "unit": centre.hsa_id,
                    "profession_group": GROUP,
                    "first_day": first,
                    "monthly_ore": ore,
                    "regulated": regulated,
                }
                emit(
                    at(recorded, 13 + centre.number // 20, 3 * centre.number % 60),
                    "fiktiv.ekonom.1",
                    "niva.compensation.v1.ComponentService/PutComponent",
                    {"component": component},
                )


def register_listings():
    """The monthly file comes early the next month; an empty cell is not given, not 0."""
    as_of = date(2019, 12, 31)
    while as_of < END:
        listings = []
        for centre in centres.values():
            if centre.number == 24 and as_of < date(2020, 9, 1):
                continue
            centre.listed += pick(61) - 27
            listing = {"unit": centre.hsa_id, "as_of": as_of.isoformat(), "listed": centre.listed}
            if pick(40) > 0:
                listing["weighted_milli"] = centre.listed * (940 + pick(130))
            listings.append(listing)
        emit(
            at(working(as_of + timedelta(days=3 + pick(3))), 7, 15),
            "fiktiv.system.listning",
            "niva.compliance.v1.RequirementService/PutListings",
            {"listings": listings},
        )
        as_of = (as_of + timedelta(days=32)).replace(day=1) - timedelta(days=1)


# ---- what the centres report ----


def begin(centre):
    """The first report of a centre, from its first day."""
    first = date(2020, 9, 1) if centre.number == 24 else date(2020, 1, 1)
    centre.staff(centre.minimum + one_of([0, 0, 100, 200, 250]))
    centre.report(first, after(first, 6, 40), "PERIODIC", mail_days=one_of([0, 0, 0, 4, 9]))


def pandemic(centre):
    """2020 and 2021: people leave and come; most centres report it, a little late."""
    day = date(2020, 9, 15) if centre.number == 24 else date(2020, 2, 1)
    until = date(2021, 11, 1)
    while True:
        day = after(day, 60, 210)
        if day >= until:
            return
        effective = day.replace(day=1) if pick(2) else day
        if pick(2) and len(centre.positions) > 1:
            del centre.positions[one_of(list(centre.positions))]
            reason = "LEFT"
        elif centre.staffed() < centre.minimum:
            centre.hire(one_of([1000, 800, 750, 500]), one_of(["FT", "SG"]))
            reason = "NEW_HIRE"
        else:
            position = one_of(list(centre.positions.values()))
            position["fte_milli"] = one_of([1000, 875, 800, 750])
            reason = "CHANGED_GRADE"
        centre.report(effective, after(day, 1, 18), reason, mail_days=one_of([0, 0, 0, 3, 11]))
        away(centre, day)


def away(centre, day):
    """An ordinary absence: short, long with a substitute, or extended."""
    key = one_of(list(centre.positions))
    first = after(day, 10, 40)
    kind = pick(4)
    if kind < 2:  # short: never counts
        centre.absence(key, first, first + timedelta(days=6 + pick(20)), after(first, 0, 2))
        return
    last = first + timedelta(days=35 + pick(60))
    cover = centre.substitute(centre.positions[key]["fte_milli"], first + timedelta(days=pick(15)), last)
    label = centre.absence(key, first, last, working(first), cover=cover, plan="Vikarie är anlitad")
    if kind == 3:  # extended
        longer = last + timedelta(days=20 + pick(30))
        cover[0]["last_day"] = longer.isoformat()
        centre.absence(key, first, longer, working(last - timedelta(days=8)), cover=cover, update=label)


def vacation(centre, year):
    """Four weeks in the summer: too short to count."""
    keys = list(centre.positions)
    first = date(year, 6, 28) + timedelta(days=7 * pick(3))
    if centre.number == 24 and year == 2020:  # opens in September
        first += timedelta(days=91)
    centre.absence(one_of(keys), first, first + timedelta(days=27), date(year, 5, 24) + timedelta(days=pick(5)), "VACATION")


def last_word(centre):
    """A report of the autumn of 2021, and then silence."""
    centre.raise_to(centre.minimum)
    centre.report(date(2021, 11, 1), date(2021, 11, 8 + pick(10)), "PERIODIC", mail_days=one_of([0, 4]))


def return_to_rule(centre):
    """The requirement applies again from 2022: most centres staff up and report."""
    centre.raise_to(centre.minimum)
    effective = date(2022, 1, 1)
    centre.report(effective, after(effective, 9, 60), "PERIODIC", mail_days=one_of([0, 0, 5, 8]))


def answer_letter(centre):
    """After the letter of 23 June the centres confirm, or report anew."""
    day = after(date(2022, 6, 27), 0, 45)
    if pick(3):
        centre.confirm(day)
    else:
        centre.report(day, after(day, 0, 3), "PERIODIC")


# ---- the summer and autumn of 2022 ----


def cannot_recruit(centre):  # 3
    del centre.positions[centre.first_key()]
    centre.report(
        date(2022, 3, 1),
        date(2022, 3, 9),
        "LEFT",
        note="Tjänsten har annonserats tre gånger utan behöriga sökande; vi kan inte rekrytera",
    )
    centre.confirm(date(2022, 7, 4))
    centre.confirm(date(2022, 9, 12))


def long_absence(centre):  # 7: nobody in the place of one who is away for 47 days
    answer_letter(centre)
    centre.absence(
        centre.first_key(), date(2022, 7, 11), date(2022, 8, 26), date(2022, 7, 11), plan="Vikarie söks, ingen ännu"
    )


def corrected(centre):  # 9: a report forgot a position; the correction takes the breach away
    answer_letter(centre)
    forgotten = centre.first_key()
    position = centre.positions.pop(forgotten)
    label = centre.report(date(2022, 8, 1), date(2022, 8, 24), "PERIODIC")
    centre.positions[forgotten] = position
    centre.report(
        date(2022, 8, 1),
        date(2022, 9, 6),
        "CORRECTION",
        note="En tjänst hade fallit bort ur redovisningen",
        mail_days=4,
        corrects=label,
    )


def extended_absence(centre):  # 11: 26 days do not count, 54 do, from the first
    answer_letter(centre)
    key = centre.first_key()
    label = centre.absence(key, date(2022, 7, 25), date(2022, 8, 19), date(2022, 7, 25))
    last = date(2022, 9, 16)
    centre.absence(key, date(2022, 7, 25), last, date(2022, 8, 15), plan="Frånvaron förlängs", update=label)
    plan = "Rättelse: frånvaron gäller en halv tjänst"
    centre.absence(key, date(2022, 7, 25), last, date(2022, 9, 1), part=500, plan=plan, update=label)


def hired_ends(centre):  # 12: the hired physiotherapist leaves in the middle of September
    centre.positions.clear()
    centre.staff(1400)
    centre.hire(800, "FT", "HIRED", date(2022, 9, 15))
    centre.report(date(2022, 6, 1), date(2022, 6, 27), "OTHER", note="Inhyrd fysioterapeut till och med 15 september")


def contract_raised(centre):  # 14: more is required from the middle of August; the new one begins in October
    answer_letter(centre)
    centre.contract(date(2022, 8, 15), 2500, date(2022, 7, 28))
    centre.hire(750, "FT")
    centre.report(
        date(2022, 10, 17), date(2022, 9, 20), "NEW_HIRE", note="Nyanställd fysioterapeut börjar 17 oktober"
    )


def withdrawn(centre):  # 16: a report that was another centre's
    answer_letter(centre)
    kept = dict(centre.positions)
    del centre.positions[centre.first_key()]
    label = centre.report(date(2022, 7, 1), date(2022, 7, 13), "LEFT")
    centre.positions = kept
    emit(
        at(date(2022, 7, 19)),
        centre.head(),
        "niva.intake.v1.ReportService/WithdrawReport",
        {"report_id": f"${label}.report.report_id", "reason": "Redovisningen gällde en annan vårdcentral (fiktivt)"},
    )


def rebuilding(centre):  # 17: less is required while the house is rebuilt
    answer_letter(centre)
    centre.positions.clear()
    centre.staff(1600)
    centre.report(date(2022, 8, 1), date(2022, 8, 10), "CHANGED_GRADE")


def naprapath(centre):  # 18: a naprapath in the place of a physiotherapist does not count
    gone = centre.positions.pop(centre.first_key())
    centre.hire(gone["fte_milli"], "NA")
    centre.report(
        date(2022, 5, 2), date(2022, 5, 30), "NEW_HIRE", note="Vakansen är tillsatt med naprapat", mail_days=11
    )
    centre.confirm(date(2022, 7, 7))


def silent(centre):  # 20: never reported; the purchaser establishes what it found in August
    emit(
        at(date(2022, 9, 8)),
        "fiktiv.handlaggare.2",
        "niva.compliance.v1.FindingService/PutFinding",
        {
            "finding": {
                "unit": centre.hsa_id,
                "profession_group": GROUP,
                "first_day": "2022-08-01",
                "last_day": "2022-08-31",
                "counted_milli": 1500,
                "evidence": "Besök och genomgång av schema den 30 augusti (fiktivt exempel)",
                "case_number": "RE 2022-0830-7 (fiktivt)",
            }
        },
    )


def loaned_out(centre):  # 22: lent to another centre for two weeks, which always counts
    answer_letter(centre)
    centre.absence(
        centre.first_key(), date(2022, 9, 5), date(2022, 9, 16), date(2022, 9, 2), "LOANED_OUT", plan="Utlånad"
    )


def covered_later(centre):  # 25: the substitute comes after two weeks
    answer_letter(centre)
    key = centre.first_key()
    first, last = date(2022, 7, 4), date(2022, 9, 30)
    cover = centre.substitute(centre.positions[key]["fte_milli"], date(2022, 7, 18), last)
    centre.absence(key, first, last, first, cover=cover, plan="Vikarie från 18 juli")


def cancelled_absence(centre):
    key = centre.first_key()
    label = centre.absence(key, date(2022, 8, 22), date(2022, 10, 7), date(2022, 8, 8))
    centre.cancel_absence(label, date(2022, 8, 17))


# ---- duties that were not kept, and the call ----


def call_region():
    """The letter of 23 June asks every centre for a report that is current."""
    emit(
        at(date(2022, 6, 23), 9, 20),
        "fiktiv.handlaggare.1",
        "niva.compliance.v1.ComplianceService/IssueCall",
        {
            "call": {
                "region_code": REGION_CODE,
                "profession_group": GROUP,
                "issued_on": "2022-06-23",
                "current_since": "2022-06-23",
                "answer_by": "2022-08-15",
                "reference": "Brev till verksamhetschefer 2022-06-23 (fiktivt)",
            }
        },
    )


def told_late(centre):  # 4: known since the middle of August, told in September; nobody knows yet who comes instead
    absence = {
        "unit": centre.hsa_id,
        "profession_group": GROUP,
        "position_key": centre.first_key(),
        "first_day": "2022-10-10",
        "expected_last_day": "2022-12-16",
        "expected_since": "2022-08-15",
        "category": "OTHER",
    }
    method = "niva.intake.v1.AbsenceService/NotifyAbsence"
    emit(at(date(2022, 9, 5), 10, 0), centre.head(), method, {"absence": absence}, f"franvaro-{centre.number:02d}-plan")


def leaves_in_december(centre):  # 26: said in September; nobody follows yet
    key = next(key for key, position in centre.positions.items() if position["fte_milli"] == 800)
    centre.positions[key]["last_day"] = "2022-12-23"
    day = date(2022, 9, 20)
    centre.report(day, day, "OTHER", note="En fysioterapeut slutar 23 december; tjänsten är utannonserad")


def tell_history():
    parts = {3: cannot_recruit, 7: long_absence, 9: corrected, 11: extended_absence, 12: hired_ends}
    parts |= {14: contract_raised, 16: withdrawn, 17: rebuilding, 18: naprapath, 22: loaned_out, 25: covered_later}
    for number, centre in centres.items():
        if number in NEVER_REPORTED:
            continue
        begin(centre)
        pandemic(centre)
        for year in (2020, 2021):
            vacation(centre, year)
        if number in STALE:
            last_word(centre)
            continue
        if number in PLAYERS:
            centre.positions.clear()
        return_to_rule(centre)
        if number not in PLAYERS:
            vacation(centre, 2022)
        parts.get(number, answer_letter)(centre)
    silent(centres[20])
    cancelled_absence(centres[2])
    cancelled_absence(centres[13])


def main():
    register_rules()
    register_units()
    register_contracts()
    register_components()
    register_listings()
    register_dispensations()
    tell_history()
    call_region()
    told_late(centres[4])
    leaves_in_december(centres[26])
    lines.sort(key=lambda entry: entry[:2])
    text = ""
    for instant, _, line in lines:
        assert instant <= at(END, 23, 59), line
        line["recorded_at"] = stamp(instant)
        text += json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
    if sys.argv[1:] == ["--check"]:
        kept = pathlib.Path(__file__).with_name("region.ndjson").read_text(encoding="utf-8")
        if kept != text:
            sys.exit("region.ndjson differs from what generate.py makes")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stdout.write(text)


main()
