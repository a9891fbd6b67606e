#!/usr/bin/python3
"""What somebody sends by mistake or in bad faith, in one table: `refusals.py BUILD`. Each gets a clear answer, in Swedish
and in English, that names the field, the cell, or what blocks; and nothing has changed: neither a stream nor a row of any
table of any service."""
import base64
import io
import json
import pathlib
import sys
import tempfile
import zipfile

import openpyxl

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from expect import Failure, expect  # noqa: E402
from host import System  # noqa: E402

UNIT, GROUP = "SE2321000016-B001", "fysioterapeut"
REPORTS, LISTINGS = "niva.intake.v1.ReportService/ImportReports", "niva.compliance.v1.RequirementService/ImportListings"
ADJUSTMENTS = "niva.compensation.v1.AdjustmentService/"
EXPORT = "niva.compensation.v1.SettlementService/ExportSettlement"
HEADING = "Enhet;Yrkesgrupp;Gäller från;Befattning;Titel;Anställning;Sysselsättningsgrad;Legitimation"
OFFICER, DECIDER = "fiktiv.handlaggare.1", "fiktiv.beslutsfattare.1"


# ---- a small region ----

def region_tell(system):
    """One centre, below its minimum in July and August 2022; July is decided, and today is in August."""
    system.nivactl("today", "2022-07-01")
    for method, request in (
            ("niva.compliance.v1.RuleService/PutRuleSet", {"rule_set": {
                "rule_set_id": "fysioterapi", "region_code": "19", "profession_group": GROUP, "first_day": "2022-07-01",
                "severity": "BINDING", "requirement": {"kind": "CONTRACTED"},
                "counting": {"title_codes": ["FT"], "employments": ["EMPLOYED"], "absence_threshold_days": 30},
                "regulation": {"formula": "PRO_RATA"}}}),
            ("niva.intake.v1.UnitService/PutUnit", {"unit": {
                "hsa_id": UNIT, "name": "Vårdcentralen Björken (fiktiv)", "region_code": "19", "opened_on": "2020-01-01",
                "owners": [{"org_number": "2321000016", "form": "PRIVATE", "first_day": "2020-01-01"}]}}),
            ("niva.compliance.v1.RequirementService/PutContract", {"contract": {
                "unit": UNIT, "profession_group": GROUP, "first_day": "2022-07-01", "minimum_milli": 2000}}),
            ("niva.compensation.v1.ComponentService/PutComponent", {"component": {
                "component": "fysioterapi", "unit": UNIT, "profession_group": GROUP, "first_day": "2022-07-01",
                "monthly_ore": 3100000, "regulated": True}}),
            ("niva.intake.v1.ReportService/SubmitReport", {"report": {
                "unit": UNIT, "profession_group": GROUP, "effective_from": "2022-07-01", "reason": "PERIODIC",
                "positions": [{"position_key": "ft-1", "title_code": "FT", "employment": "EMPLOYED", "fte_milli": 1000,
                               "licensed": True}]}})):
        system.call(method, request)
    system.nivactl("today", "2022-09-10")
    system.nivactl("wait")
    system.call(ADJUSTMENTS + "PrepareAdjustment", signature(system, "2022-07"), OFFICER)
    system.call(ADJUSTMENTS + "PrepareAdjustment", signature(system, "2022-08"), OFFICER)
    system.call(ADJUSTMENTS + "DecideAdjustment", approval(system, "2022-07"), DECIDER)


def signature(system, period):
    line, = system.ask("adjustments", period)["adjustments"]
    return {"adjustment_id": line["adjustment_id"], "computed_ore": line["computed_ore"]}


def approval(system, period, **rest):
    return {**signature(system, period), "decision": "APPROVE", "case_number": "FIKTIV-1", "delegation": "Fiktiv", **rest}


def revision(system, period, ore):
    return {**signature(system, period), "revised_ore": ore, "reason_code": "OTHER", "reason": "Fiktivt skäl",
            "case_number": "FIKTIV-1", "delegation": "Fiktiv"}


# ---- files ----

def table(text):
    return {"file_name": "fiktiv.csv", "content": base64.b64encode(text.encode()).decode()}


def reports(*rows):
    return table("\n".join((HEADING, *rows)))


def bomb():
    """A workbook of a few hundred kilobytes, whose sheet has 100 MB."""
    small, large = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(small)
    with zipfile.ZipFile(small) as source, zipfile.ZipFile(large, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            sheet = name.startswith("xl/worksheets/")
            target.writestr(name, b" " * 100_000_000 if sheet else source.read(name))
    return {"file_name": "fiktiv.xlsx", "content": base64.b64encode(large.getvalue()).decode()}


# ---- what is refused ----

def cases(system):
    """What it is; the method and request; the code; and where and why: field and reason, or row, column and code."""
    row = f"{UNIT};{GROUP};2022-10-01;ft-1;FT;anställd;"
    invalid, blocked = "INVALID_ARGUMENT", "FAILED_PRECONDITION"
    july, august, september = (signature(system, month)["adjustment_id"] for month in ("2022-07", "2022-08", "2022-09"))
    decide, revise = ADJUSTMENTS + "DecideAdjustment", ADJUSTMENTS + "ReviseAdjustment"
    return (
        ("a reason that is empty", decide, approval(system, "2022-08", decision="WAIVE", reason_code="OTHER", reason=""),
         invalid, [("reason", "REQUIRED")]),
        ("a reason of spaces", decide, approval(system, "2022-08", decision="WAIVE", reason_code="OTHER", reason="  \n"),
         invalid, [("reason", "TEXT_BLANK")]),
        ("an amount above the computed", revise, revision(system, "2022-08", 1550001), invalid,
         [("revisedOre", "AMOUNT_NOT_REVISED")]),
        ("deciding twice", decide, approval(system, "2022-07"), blocked, [(july, "ALREADY_DECIDED")]),
        ("revising what is decided", revise, revision(system, "2022-07", 100), blocked, [(july, "ALREADY_DECIDED")]),
        ("deciding a PRELIMINARY", decide, approval(system, "2022-09"), blocked, [(september, "MONTH_UNDER_WAY")]),
        ("deciding another amount than the computed", decide, approval(system, "2022-08", computed_ore=1), blocked,
         [(august, "AMOUNT_DIFFERS")]),
        ("exporting an empty month", EXPORT, {"region_code": "19", "period": "2022-06", "format": "SIE4I"}, blocked,
         [("2022-06", "NOTHING_TO_SETTLE")]),
        ("a file with a wrong column", REPORTS, table(f"{HEADING};Skonummer\n{row}0,75;ja;43\n"), None,
         [(1, "Skonummer", "COLUMN_UNKNOWN")]),
        ("a blank cell, which is not 0", REPORTS, reports(f"{row};ja"), None, [(2, "Sysselsättningsgrad", "CELL_BLANK")]),
        ("a blank listing, which is not 0", LISTINGS, table(f"Enhet;Dag;Listade\n{UNIT};2022-08-31;\n"), None,
         [(2, "Listade", "CELL_BLANK")]),
        ("the same unit and day twice", LISTINGS,
         table(f"Enhet;Dag;Listade\n{UNIT};2022-08-31;8123\n{UNIT};2022-08-31;8124\n"), None, [(3, "Dag", "ROW_TWICE")]),
        ("the same position of a unit and day twice", REPORTS, reports(f"{row}0,75;ja", f"{row}0,5;ja"), None,
         [(3, "Befattning", "POSITION_KEY_DUPLICATE")]),
        ("a zip bomb in XLSX", REPORTS, bomb(), invalid, [("content", "TOO_LARGE")]),
    )


def sentences_check(what, said):
    if len(said["text_sv"]) < 10 or len(said["text_en"]) < 10 or said["text_sv"] == said["text_en"]:
        raise Failure(f"{what}: expected a sentence in Swedish and one in English, actual {said}")


def row_messages(answer):
    return [dict(message, text_sv=message["message_sv"], text_en=message["message_en"]) for message in answer["row_errors"]]


def kept(system):
    """What is in the tables, and where the streams stand."""
    digest = system.digest()
    return digest, [system.ask("call", "niva.events.v1.EventService/ListStreams", f"--service={service}")["streams"]
                    for service in ("intake", "compliance", "compensation")]


def refusal_check(system, folder, what, method, request, code, expected):
    path = folder / "request.json"
    path.write_text(json.dumps(request), encoding="utf-8")
    before = kept(system)
    done = system.run("call", method, f"@{path}", "--output=json", principal=DECIDER)
    if code is None:  # a file with errors is answered, row by row
        expect(f"{what}\n{done.stderr}", 0, done.returncode)
        said = row_messages(json.loads(done.stdout))
        actual = [(message["row"], message["column"], message["code"]) for message in said]
    else:
        expect(f"{what}\n{done.stdout}", 1, done.returncode)
        error = json.loads(done.stderr)["error"]
        said = error["violations"]
        expect(what, code, error["code"])
        actual = [(violation["field"], violation["reason"]) for violation in said]
    expect(what, expected, actual)
    for one in said:
        sentences_check(what, one)
    expect(f"what is kept after {what}", before, kept(system))


def large_file_check(system, folder):
    """50 MB: the tool does not even send it."""
    path = folder / "stor.csv"
    path.write_bytes(b"x" * (50 << 20))
    before = kept(system)
    done = system.run("import", str(path), "--output=json")
    error = json.loads(done.stderr)["error"]
    expect("a 50 MB file", (2, "INVALID_ARGUMENT", True), (done.returncode, error["code"],
                                                           "52428 kB; högst 15728 kB" in error["text_sv"]))
    sentences_check("a 50 MB file", error)
    expect("what is kept after a 50 MB file", before, kept(system))


def main():
    with tempfile.TemporaryDirectory(prefix="niva-refusals-") as place:
        folder = pathlib.Path(place)
        system = System(sys.argv[1], folder)
        region_tell(system)
        for case in cases(system):
            refusal_check(system, folder, *case)
        large_file_check(system, folder)
        system.end()


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
