#!/usr/bin/python3
"""A year of the sample region, told to a whole system with a business day that moves: `story.py BUILD [whole]`.

What happens until September 2022 is the sample region's own (deploy/sample/region.ndjson), of the centres that the
story names or, with `whole`, of all 27 and from 2020 on. What people at the region and at the centres do about it is told here: they
look ahead, call, talk, decide, hand over to the ledger, and learn late what was otherwise. After each chapter everything
that the services say is what the model makes of the facts that were told (tests/support/storyteller.py), and in the end
every line of money is settled, explained and proved. Everything in it is fictive (*fiktivt*)."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from expect import Failure, expect  # noqa: E402
from handover import ECONOMIST, Ledger  # noqa: E402
from storybook import LABEL, ore  # noqa: E402
from storyteller import Teller  # noqa: E402
from tables import as_csv, as_xlsx  # noqa: E402

UNIT = "SE4999000005-FIKTIVVC%02d"
KATTFOTEN, SMULTRONET, HJORTRONET, LINGONET, EKEN, HASSELN, ENEN, ALGORTEN, ORINGEN, ABBORREN, DOMHERREN = NAMED = [
    UNIT % number for number in (3, 5, 7, 9, 11, 14, 17, 18, 20, 22, 25)]
OFFICER, OTHER_OFFICER, DECIDER = "fiktiv.handlaggare.1", "fiktiv.handlaggare.4", "fiktiv.beslutsfattare.1"
CONTRACTS = "fiktiv.avtalshandlaggare.1"
GROUP = "fysioterapeut"
SUBMIT, UPDATE = "niva.intake.v1.ReportService/SubmitReport", "niva.intake.v1.AbsenceService/UpdateAbsence"
NOTIFY = "niva.intake.v1.AbsenceService/NotifyAbsence"
PUT_UNIT, PUT_COMPONENT = "niva.intake.v1.UnitService/PutUnit", "niva.compensation.v1.ComponentService/PutComponent"
PUT_RULE_SET = "niva.compliance.v1.RuleService/PutRuleSet"
PUT_FINDING = "niva.compliance.v1.FindingService/PutFinding"
PUT_CONFIG = "niva.compensation.v1.SettlementService/PutSettlementConfig"


def head(unit):
    return f"fiktiv.chef.{unit[-2:]}"


def lines_of(units, since):
    """What the sample region tells of these units; of reports, absences and listings what it tells since a day."""
    kept, labels = [], set()
    for text in (ROOT / "deploy/sample/region.ndjson").read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if line["recorded_at"] < since and ("UnitService" not in text and "niva.intake.v1" in text or
                                            "listings" in line["request"]):
            continue
        if "listings" in line["request"]:
            line["request"]["listings"] = [one for one in line["request"]["listings"] if one["unit"] in units]
        elif not set(re.findall(UNIT.replace("%02d", r"\d\d"), text)) <= units or not set(LABEL.findall(text)) <= labels:
            continue
        labels.add(line.get("as"))
        kept.append(line)
    return kept


def says(letter, *parts):
    for part in parts:
        if part not in letter:
            raise Failure(f"expected \"{part}\" in:\n{letter}")


def never_says(letter, *parts):
    for part in parts:
        if part in letter:
            raise Failure(f"\"{part}\" has no place in:\n{letter}")


def file_of(teller, name, content):
    path = teller.folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


# ---- spring and summer: the rule is coming ----

def before_the_rule(teller):
    """Somebody asks what an absence would lead to, and what the new rule would cost; nothing of it is kept."""
    teller.day("2022-06-20")
    before = teller.system.digest()
    absence = {"unit": HJORTRONET, "profession_group": GROUP, "position_key": "ft-09", "first_day": "2022-07-11",
               "expected_last_day": "2022-08-26"}
    preview = teller.system.ask("preview", file_of(teller, "franvaro.json", {"absence": absence}), "2022-07-01", "2022-08-31")
    expect("a preview", [("2022-07-11", "2022-08-26")], [(run["first_day"], run["last_day"]) for run in preview["breaches"]])
    coming = next(line["request"] for line in teller.lines
                  if line["request"].get("rule_set", {}).get("rule_set_id") == "fysioterapi-2022")
    tried = teller.system.ask("dry-run", file_of(teller, "regel.json", coming), "2022-07-01", "2022-09-30")
    old = dict(teller.book.rule_sets["fysioterapi-2020"], last_day="2022-06-30")
    new = teller.book.evaluate(teller.system.program, teller.folder, "2022-09-30", ["2022-07", "2022-08", "2022-09"],
                               [old, coming["rule_set"]])
    expect("a rule set that is tried",
           {unit: sum(one["deduction_ore"] for one in outcome["deductions"]) for unit, outcome in new.items()},
           {unit["unit"]: int(unit["new_deduction_ore"]) for unit in tried["units"]})
    expect("what is kept after questions", before, teller.system.digest())
    teller.reckon()
    return coming["rule_set"]


def the_letter_of_june(teller):
    """The rule is published, and everybody is called who has no current report."""
    teller.day("2022-06-23")
    overdue = {unit["unit"] for unit in teller.system.ask("overdue")["overdue"]}
    expect("who is called", {SMULTRONET, ORINGEN}, overdue & {SMULTRONET, ORINGEN})
    says(teller.letter("call", ORINGEN), "Vårdcentralen Öringen (fiktiv)", "ingen redovisning har kommit in",
         "senast 2022-08-15", "privat, org.nr 499900-1102")
    teller.reckon()


def summer(teller):
    """Breaches open and close with the days; a month under way is not decided."""
    teller.day("2022-07-04")
    teller.below(DOMHERREN, "2022-07-04")
    report = teller.system.ask("status")["statuses"]
    latest = next(status["latest_report_id"] for status in report if status["unit"] == KATTFOTEN)
    says(teller.letter("receipt", latest), "Räknas 1,60 av 2,60. Under miniminivå från 2022-03-01.",
         "Preliminär reglering 967,74 kr/dag.")
    teller.held_back(teller.line(KATTFOTEN, "2022-07"), "approve", DECIDER, "MONTH_UNDER_WAY")
    teller.day("2022-07-10")
    teller.met(HJORTRONET)
    teller.day("2022-07-11")
    teller.below(HJORTRONET, "2022-07-11")
    teller.reckon()
    teller.day("2022-07-17")
    teller.below(DOMHERREN, "2022-07-04")
    teller.day("2022-07-18")
    teller.below(DOMHERREN, "2022-07-04", "2022-07-17")


# ---- July is talked about and decided ----

def dialogues_begin(teller):
    """July has ended: four centres are told what was computed."""
    teller.day("2022-08-01")
    teller.reckon()
    for unit, kronor in ((KATTFOTEN, "30 000,00"), (HJORTRONET, "17 782,26"), (ALGORTEN, "30 000,00"),
                         (DOMHERREN, "10 838,71")):
        teller.due(unit, "2022-07", kronor)
        teller.dialogue("open", unit, "Beräkningen för juli (fiktivt).", f"--officer={OFFICER}", principal=OFFICER)
    letter = teller.letter("communication", teller.line(KATTFOTEN, "2022-07")["adjustment_id"])
    says(letter, "Beräknad reglering 30 000,00 kr", "Svara senast 2022-08-22", "2022-07-01 2022-07-31 31 2,60 1,60 1,00",
         "31 × 78 000,00 kr / 31 × 1,00 / 2,60", "formeln är ett antagande")
    never_says(letter, "sg-09", "CHEF03")
    line = teller.prepare(ALGORTEN, "2022-07", OFFICER)
    teller.held_back(line, "approve", DECIDER, "DIALOGUE_UNANSWERED")


def answers(teller):
    """Kattfoten cannot recruit and says what it tried; compliance is killed while a measure is agreed."""
    teller.day("2022-08-08")
    teller.dialogue("answer", KATTFOTEN, "Vi har annonserat tre gånger utan sökande (fiktivt).",
                    "--steps=advertised=2022-05-02,agency_asked=2022-06-01", principal=head(KATTFOTEN))
    teller.dialogue("note", KATTFOTEN, "Samtal om hyrd personal (fiktivt).", "--side=purchaser", principal=OFFICER)
    teller.dialogue("answer", DOMHERREN, "Vikarien kom den 18 juli (fiktivt).", principal=head(DOMHERREN))
    breach = teller.breaches(HJORTRONET)[-1]["breach_id"]
    request = {"request_id": "0190163d-8694-739b-aea5-966c26f8ad92", "breach_id": breach, "due_on": "2022-08-15",
               "promised_milli": 500, "side": "PROVIDER", "text": "Vikarie på halvtid (fiktivt)."}
    agreed = teller.while_killed("compliance", "call", "niva.compliance.v1.DialogueService/AgreeMeasure",
                                 json.dumps(request), principal=OFFICER)["entry"]
    measure = teller.dialogue("measure", ALGORTEN, "Fysioterapeut från 1 september (fiktivt).", "--by=2022-09-01",
                              "--fte=1,00", "--side=provider", principal=OFFICER)
    expect("what is promised", 1000, measure["promised_milli"])
    teller.day("2022-08-16")
    teller.dialogue("complete", HJORTRONET, agreed["entry_id"], "Ingen vikarie kom (fiktivt).", "--missed",
                    principal=OFFICER)
    shown = teller.system.nivactl("dialogue", breach)
    says(shown, "under miniminivå, 2022-07-11 – pågår\n", "ger 0,50 heltid", "utebliven 2022-08-16", "Ingen vikarie kom (fiktivt).")
    teller.due(EKEN, "2022-07", "6 774,19")  # what was short has become long, and counts from its first day
    teller.dialogue("open", EKEN, "Beräkningen för juli (fiktivt).", principal=OFFICER)
    teller.dialogue("answer", EKEN, "Frånvaron blev längre (fiktivt).", principal=head(EKEN))
    return measure["entry_id"]


def july_is_decided(teller):
    """Three who have answered are decided first; who is silent is heard until the time is out."""
    line = teller.prepare(KATTFOTEN, "2022-07", OFFICER, "Ni har annonserat tre gånger.", "Försöken räckte inte.")
    teller.held_back(line, "approve", OFFICER, "DECIDER_PREPARED")
    kattfoten = teller.decide(line, "approve", DECIDER, case="RE 2022-0701-3 (fiktivt)")
    teller.decide(teller.prepare(EKEN, "2022-07", OFFICER), "approve", DECIDER)
    teller.decide(teller.prepare(DOMHERREN, "2022-07", OFFICER), "waive", DECIDER, code="MEASURES_TAKEN",
                  reason="Vikarien kom inom två veckor (fiktivt).")
    letter = teller.letter("decision", kattfoten)
    says(letter, "Beslut om reglering av fast ersättning", "Vårdcentralen Kattfoten (fiktiv)", "juli 2022",
         "intraprenad, org.nr 499900-0005", "2022-07-01 2022-07-31 31 2,60 1,60 1,00 30 000,00 kr",
         "regleras den del av dagens fasta ersättning som bristen är av hela kravet", "31 × 78 000,00 kr / 31 × 1,00 / 2,60",
         "35918", "50293", "Ni har annonserat tre gånger.", "Försöken räckte inte.", DECIDER,
         "Delegation 4.2 (fiktiv)", "RE 2022-0701-3 (fiktivt)", "intern verifikation",
         "Regleringen är en intern åtgärd inom regionen, enligt er överenskommelse om intraprenad.")
    never_says(letter, "sg-09", "sg-10", "CHEF03", "annonserats")
    teller.day("2022-08-22")
    line = teller.line(ALGORTEN, "2022-07")
    teller.held_back(line, "approve", DECIDER, "DIALOGUE_UNANSWERED")
    teller.day("2022-08-23")
    teller.decide(teller.line(ALGORTEN, "2022-07"), "approve", DECIDER, case="RE 2022-0701-18 (fiktivt)")
    teller.reckon()
    return line["adjustment_id"]


def july_is_settled(teller, ledger, algorten):
    """Handed over too early and taken back, then with the line that was forgotten, and booked."""
    teller.tell("konton", PUT_CONFIG, {"config": {
        "region_code": "99", "region_name": "Region Exempel (fiktiv)", "series": "R", "dimension": 20,
        "dimension_name": "Vårdcentral", "closed_channel": "CREDIT_REQUEST", "accounts": [
            {"channel": channel, "cost_account": "5521", "cost_account_name": "Fast ersättning (fiktivt konto)",
             "settlement_account": account, "settlement_account_name": f"{name} (fiktivt konto)"}
            for channel, account, name in (("INTERNAL", "1891", "Intern avräkning"), ("OFFSET", "2511", "Skulder"),
                                           ("CREDIT_REQUEST", "2519", "Krediteringar"))]}}, ECONOMIST)
    first = ledger.export("2022-08")
    ledger.void(first, "Hjortronet saknades (fiktivt).")
    line = teller.prepare(HJORTRONET, "2022-07", OFFICER, response="Ingen vikarie kom.")
    teller.decide(line, "revise", DECIDER, kronor="10 000,00", code="UNABLE_TO_RECRUIT", reason="Sommaren (fiktivt).")
    second = ledger.export("2022-08")
    ledger.book(second, "R-801")
    letter = teller.letter("decision", algorten)
    says(letter, "Vårdcentralen Älgörten (fiktiv)", "privat, org.nr 499900-1094", "2022-07-01 2022-07-31 31 2,30 1,30 1,00",
         "31 × 69 000,00 kr / 31 × 1,00 / 2,30", "Inget svar har kommit in.", "RE 2022-0701-18 (fiktivt)",
         "en egen rad i månadens betalning", "verifikation R-801", "Regleringen är en åtgärd enligt ert avtal med regionen.",
         "avtalets bestämmelse om tvist")
    never_says(letter, "na-09", "sg-07", "ft-08", "naprapat")
    teller.reckon()
    teller.system.nivactl("verify")


# ---- August: facts after a decision ----

def september(teller, measure):
    """Eken's absence was by half: money back, which is approved and nothing else. A forgotten position takes Lingonet's
    breach away. Öringen never reported, and is found to be below."""
    teller.day("2022-08-26")
    teller.below(LINGONET, "2022-08-01")
    teller.day("2022-09-01")
    teller.due(EKEN, "2022-07", "-3 387,09")
    teller.due(LINGONET, "2022-08", "24 000,00")
    line = teller.prepare(EKEN, "2022-07", OFFICER)
    teller.held_back(line, "waive", DECIDER, "MONEY_BACK")
    letter = teller.letter("decision", teller.decide(line, "approve", DECIDER))
    says(letter, "Beslut om återföring av reglerad ersättning", "Vi återför 3 387,09 kr", "Vårdcentralen Eken (fiktiv)")
    never_says(letter, "2022-09-16", "ft-10")
    teller.reckon()
    teller.day("2022-09-12")
    teller.met(LINGONET)
    teller.due(LINGONET, "2022-08", None)
    teller.due(ORINGEN, "2022-08", "21 000,00")
    teller.dialogue("complete", ALGORTEN, measure, "Började den 1 september (fiktivt).", principal=OFFICER)
    for unit in (HASSELN, ORINGEN, ABBORREN):
        teller.dialogue("open", unit, "Beräkningen (fiktivt).", principal=OFFICER)
    teller.dialogue("open", SMULTRONET, "Vi saknar er redovisning (fiktivt).", kind="REPORT_OVERDUE", principal=OFFICER)
    for unit in (HASSELN, ABBORREN):
        teller.dialogue("answer", unit, "Uppgifterna stämmer (fiktivt).", principal=head(unit))
    teller.reckon()


def august_is_decided(teller, ledger):
    teller.day("2022-10-04")
    for unit, period, kronor in ((KATTFOTEN, "2022-08", "30 000,00"), (HJORTRONET, "2022-08", "22 016,13"),
                                 (EKEN, "2022-08", "15 000,00"), (EKEN, "2022-09", "8 000,00"),
                                 (HASSELN, "2022-08", "6 580,65"), (HASSELN, "2022-09", "12 000,00"),
                                 (ORINGEN, "2022-08", "21 000,00"), (ABBORREN, "2022-09", "12 000,00")):
        teller.due(unit, period, kronor)
        teller.decide(teller.prepare(unit, period, OFFICER), "approve", DECIDER)
    teller.decide(teller.prepare(ALGORTEN, "2022-08", OFFICER), "waive", DECIDER, code="MEASURES_TAKEN",
                  reason="Åtgärden är genomförd (fiktivt).")
    ledger.book(ledger.export("2022-09"), "R-901")
    teller.reckon()


# ---- autumn: files, another owner, a centre that closes, late facts ----

def import_reports(teller, name, content, reports):
    """Tries a file of reports (unit, day, reason, positions), then files it; intake is killed while it does."""
    path = teller.folder / name
    path.write_bytes(content)
    before = teller.system.digest()
    tried = teller.system.ask("import", str(path), "--dry-run")
    expect(f"{name}, tried", (sum(len(report[3]) for report in reports), []), (tried["rows_read"], tried["row_errors"]))
    expect(f"what is kept after {name} was tried", before, teller.system.digest())
    for unit, day, reason, positions in reports:
        teller.note(f"{name}-{unit}", SUBMIT, {"report": {
            "unit": unit, "effective_from": day, "reason": reason, "positions": [
                {"position_key": key, "title_code": title, "employment": employment, "fte_milli": milli, "licensed": True}
                for key, title, employment, milli in positions]}})
    filed = teller.while_killed("intake", "import", str(path), principal=OFFICER)
    expect(f"{name}, filed", len(reports), len(filed["reports"]))


def october(teller, ledger):
    """Two reports come late in one file: Kattfoten had a substitute in August, Älgörten had even less. Abborren is taken
    over by the region from 1 October; Eken closes at the end of it."""
    teller.day("2022-10-10")
    reports = [(KATTFOTEN, "2022-08-16", "vikarie", [("sg-09", "SG", "EMPLOYED", 750), ("sg-10", "SG", "EMPLOYED", 850),
                                                     ("vik-11", "FT", "SUBSTITUTE", 1000)]),
               (ALGORTEN, "2022-08-15", "slutat", [("sg-07", "SG", "EMPLOYED", 1000), ("na-09", "NA", "EMPLOYED", 1000)])]
    import_reports(teller, "sena.csv", as_csv(reports), reports)
    teller.tell("agarbyte", PUT_UNIT, {"unit": dict(teller.book.registered[ABBORREN], owners=[
        *teller.book.registered[ABBORREN]["owners"],
        {"org_number": "4999000005", "form": "INTRAPRENAD", "first_day": "2022-10-01"}])}, CONTRACTS)
    teller.tell("stangning", PUT_UNIT, {"unit": dict(teller.book.registered[EKEN], closed_on="2022-10-31")}, CONTRACTS)
    teller.wait()
    teller.reckon()
    forecasts = teller.forecast(60)
    enen, = (forecast for forecast in forecasts if forecast["unit"] == ENEN)  # the dispensation runs out
    expect("Enen's forecast", ("2022-11-01", ["DISPENSATION_ENDS"], {"2022-11": 1200000, "2022-12": 1200000}),
           (enen["first_day"], [cause["kind"] for cause in enen["causes"]],
            {cost["month"]: cost["ore"] for cost in enen["costs"]}))
    teller.due(KATTFOTEN, "2022-08", "-15 483,87")
    teller.due(KATTFOTEN, "2022-09", None)
    approved = teller.book.decided[KATTFOTEN, "fysioterapi", "2022-08"][0]
    changes = teller.explain(approved.adjustment_id, approved.deduction)["changes_since"]
    expect("what changed since August was decided",
           [("REPORT", "PROVIDER_FACT", approved.total, ore("14 516,13"))],
           [(change["kind"], change["cause"], change["before_ore"], change["after_ore"]) for change in changes["changes"]])
    teller.due(ALGORTEN, "2022-08", "4 935,48")  # what was waived stays away; only what is more is due
    teller.due(ALGORTEN, "2022-09", "39 000,00")
    teller.day("2022-10-24")
    for unit, period in ((KATTFOTEN, "2022-08"), (ALGORTEN, "2022-08"), (ALGORTEN, "2022-09")):
        teller.decide(teller.prepare(unit, period, OTHER_OFFICER), "approve", DECIDER)
    teller.day("2022-10-31")
    ledger.book(ledger.export("2022-10"), "R-1001")
    teller.reckon()
    teller.system.nivactl("verify")


def november(teller):
    """A day of late facts, each about a month that is decided and booked; some are the provider's, some the region's."""
    teller.day("2022-11-07")
    reports = [(DOMHERREN, "2022-11-01", "slutat", [("ft-09", "FT", "EMPLOYED", 800), ("ft-10", "FT", "EMPLOYED", 1000),
                                                    ("ft-11", "FT", "EMPLOYED", 750)]),
               (ENEN, "2022-12-01", "nyanställning", [("ft-12", "FT", "EMPLOYED", 750), ("ft-13", "FT", "EMPLOYED", 850),
                                                      ("ft-14", "FT", "EMPLOYED", 400)])]
    import_reports(teller, "november.xlsx", as_xlsx(reports), reports)
    late_absences(teller)
    teller.tell("konstaterande", PUT_FINDING, {"finding": {
        "unit": ORINGEN, "profession_group": GROUP, "first_day": "2022-08-01", "last_day": "2022-08-31",
        "counted_milli": 1800, "evidence": "Nya scheman (fiktivt)", "case_number": "RE 2022-0830-7 (fiktivt)"}}, OTHER_OFFICER)
    teller.tell("tystnad", PUT_FINDING, {"finding": {
        "unit": SMULTRONET, "profession_group": GROUP, "first_day": "2022-10-01", "last_day": "2022-10-31",
        "counted_milli": 1000, "evidence": "Besök (fiktivt)", "case_number": "RE 2022-1107-5 (fiktivt)"}}, OTHER_OFFICER)
    teller.tell("ersattning", PUT_COMPONENT, {"component": {
        "component": "fysioterapi", "unit": HASSELN, "profession_group": GROUP, "first_day": "2022-09-01",
        "monthly_ore": 6600000, "regulated": True}}, ECONOMIST)
    teller.wait()
    teller.reckon()
    teller.below(ENEN, "2022-11-01")  # as was forecast
    for unit, period, kronor, cause in (
            (HJORTRONET, "2022-07", "-2 379,03", "PROVIDER_FACT"),  # 10 000,00 were taken, of 17 782,26; now 7 620,97
            (HJORTRONET, "2022-08", "-22 016,13", "PROVIDER_FACT"), (DOMHERREN, "2022-07", "1 548,39", "PROVIDER_FACT"),
            (EKEN, "2022-09", "-3 500,00", "PROVIDER_FACT"), (ABBORREN, "2022-09", "4 000,00", "PROVIDER_FACT"),
            (ORINGEN, "2022-08", "-9 000,00", "PURCHASER_FACT"), (SMULTRONET, "2022-10", "15 000,00", "PURCHASER_FACT"),
            (HASSELN, "2022-09", "1 200,00", "PURCHASER_FACT")):
        teller.due(unit, period, kronor)
        expect(f"whose fact moved {unit} {period}", cause, teller.line(unit, period)["cause"])
    for unit in (SMULTRONET, ENEN, DOMHERREN, ABBORREN):
        teller.dialogue("open", unit, "Beräkningen (fiktivt).", principal=OFFICER)


def late_absences(teller):
    """Of absences that were told in the sample region, and one that begins now."""
    def absence(unit, key, first_day, last_day, **rest):
        return {"absence": {"unit": unit, "profession_group": GROUP, "position_key": key, "first_day": first_day,
                            "expected_last_day": last_day, **rest}}
    def cover(key, milli, first_day, last_day):
        return [{"position_key": key, "title_code": "FT", "employment": "SUBSTITUTE", "fte_milli": milli,
                 "licensed": True, "first_day": first_day, "last_day": last_day}]
    for label, unit, late in (
            ("franvaro-07-9", HJORTRONET, absence(HJORTRONET, "ft-09", "2022-07-11", "2022-08-26", category="OTHER",
                                                  cover=cover("vik-14", 875, "2022-07-20", "2022-08-26"))),
            ("franvaro-25-8", DOMHERREN, absence(DOMHERREN, "ft-09", "2022-07-04", "2022-09-30", category="OTHER",
                                                 cover=cover("vik-13", 800, "2022-07-20", "2022-09-30"))),
            ("franvaro-11-8", EKEN, absence(EKEN, "ft-10", "2022-07-25", "2022-09-09", category="OTHER",
                                            absent_milli=500)),
            ("franvaro-22-7", ABBORREN, absence(ABBORREN, "ft-09", "2022-09-05", "2022-09-20", category="LOANED_OUT"))):
        late["absence"]["absence_id"] = f"${label}.absence.absence_id"
        teller.tell(f"sen-{label}", UPDATE, late, head(unit))
    teller.tell("utlanad", NOTIFY, absence(ABBORREN, "ft-09", "2022-11-01", "2022-11-10", category="LOANED_OUT"),
                head(ABBORREN))


def november_is_decided(teller, ledger):
    """Booked in the open month, with the owner, form and channel of the month that is regulated."""
    teller.day("2022-11-29")
    for unit, period in ((HJORTRONET, "2022-07"), (HJORTRONET, "2022-08"), (EKEN, "2022-09"), (ABBORREN, "2022-09"),
                         (ORINGEN, "2022-08"), (SMULTRONET, "2022-10"), (HASSELN, "2022-09"), (HASSELN, "2022-10"),
                         (ALGORTEN, "2022-10")):
        teller.decide(teller.prepare(unit, period, OFFICER), "approve", DECIDER)
    teller.decide(teller.prepare(DOMHERREN, "2022-07", OFFICER), "waive", DECIDER, code="EQUAL_TREATMENT",
                  reason="Som i juli (fiktivt).")
    teller.day("2022-11-30")
    ledger.book(ledger.export("2022-11", closed={EKEN}), "R-1101")
    teller.reckon()


# ---- the year is over ----

def the_year_ends(teller, ledger, rule_set):
    """The region decides that small amounts are not regulated, back to July. Then everything that is left is told, heard,
    decided and booked, and every öre is accounted for."""
    teller.day("2022-12-12")
    teller.tell("bagatell", PUT_RULE_SET, {"rule_set": {**rule_set, "regulation": {
        **rule_set["regulation"], "minimum_ore": "1000000"}}}, "fiktiv.beslutsfattare.2")
    teller.wait()
    teller.reckon()
    for unit, period, kronor in ((EKEN, "2022-07", "-3 387,10"), (EKEN, "2022-09", "-4 500,00"),
                                 (HASSELN, "2022-08", "-6 580,65"), (HASSELN, "2022-10", "-6 812,90")):
        teller.due(unit, period, kronor)
        expect(f"whose fact moved {unit} {period}", "RULE", teller.line(unit, period)["cause"])
    for breach in sorted({breach for line in teller.adjustments(states=("PROPOSED",)) if line["computed_ore"] > 0
                          for breach in line["breach_ids"]}):
        if not teller.system.ask("dialogue", breach)["entries"]:
            teller.dialogue("open", None, "Beräkningen (fiktivt).", principal=OFFICER, breach=breach)
    teller.day("2023-01-09")
    for line in teller.adjustments(states=("PROPOSED", "IN_DIALOGUE")):
        teller.decide(teller.prepare(line["unit"], line["period"], OFFICER), "approve", DECIDER)
    ledger.book(ledger.export("2022-12", closed={EKEN}), "R-1201")
    teller.reckon()
    expect("what is left to settle", {}, ledger.waiting())
    settled = [line for line in teller.adjustments() if line["state"] == "BOOKED"]
    for (unit, component, period), decided in teller.book.decided.items():
        booked = sum(line["deduction_ore"] for line in settled
                     if (line["unit"], line["component"], line["period"]) == (unit, component, period))
        expect(f"{unit} {period}: what was settled in all", sum(line.deduction for line in decided), booked)
        for line in decided:
            teller.explain(line.adjustment_id, line.deduction)
    ledger.never_changed()
    followed_up(teller)


def followed_up(teller):
    """What the follow-up says of half a year is what was decided in it."""
    answer = teller.system.ask("followup", "--from", "2022-07", "--to", "2022-12", "--least", "3")
    whole = next(row for period in answer["periods"] for row in period["rows"] if row["total"])["regulation"]
    lines = [line for line in teller.adjustments() if "2022-07" <= line["period"] <= "2022-12"]
    decided = [line for line in lines if line["state"] == "BOOKED"]
    expect("follow-up: decided", sum(line["deduction_ore"] for line in decided), whole["decided_ore"])
    for code in sorted({line["reason_code"] for line in lines if line["state"] == "WAIVED"}):
        waived = [line["computed_ore"] for line in lines if (line["state"], line["reason_code"]) == ("WAIVED", code)]
        told = next(relief for relief in whole["waived"] if relief["reason_code"] == code)
        expect(f"follow-up: waived, {code}", (len(waived), sum(waived)), (told["lines"], told["ore"]))


def story(build, whole):
    units = {UNIT % number for number in range(1, 28)} if whole else set(NAMED)
    teller = Teller(build, sorted(units), lines_of(units, since="" if whole else "2021-11-01"))
    ledger = Ledger(teller)
    rule_set = before_the_rule(teller)
    the_letter_of_june(teller)
    summer(teller)
    dialogues_begin(teller)
    measure = answers(teller)
    july_is_settled(teller, ledger, july_is_decided(teller))
    september(teller, measure)
    august_is_decided(teller, ledger)
    october(teller, ledger)
    november(teller)
    november_is_decided(teller, ledger)
    the_year_ends(teller, ledger, rule_set)
    teller.system.end()
    print("compared:", ", ".join(f"{number} {what}" for what, number in teller.checked.items()))
    expect("what was never compared", [], [what for what, number in teller.checked.items() if number == 0])


def main():
    try:
        story(sys.argv[1], sys.argv[2:] == ["whole"])
    except Failure as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
