#!/usr/bin/env python3
"""The files of a settlement as readers that are not ours see them: SIE by tests/support/sie.py, CSV by Python's csv,
the workbook by openpyxl. They must agree with each other, line by line and to the öre.
`settlement_readers.py ROOT PROGRAM`, where `PROGRAM --write DIR` writes the files."""
import csv
import datetime
import decimal
import io
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import openpyxl

sys.path.insert(0, str(pathlib.Path(sys.argv[1], "tests/support")))
import sie  # noqa: E402

Decimal = decimal.Decimal


def expect(what, expected, actual):
    if expected != actual:
        sys.exit(f"{what}: expected {expected!r}, actual {actual!r}")


def csv_rows(content):
    """The rows by their names, with the texts as they were before they were guarded."""
    expect("byte order mark", b"\xef\xbb\xbf", content[:3])
    text = content[3:].decode("utf-8")
    expect("every line ends in CRLF", text.count("\n"), text.count("\r\n"))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    for row in rows[1:]:
        for name, cell in zip(rows[0], row):
            if name != "Reglering, kr" and cell[:1] in ("=", "+", "-", "@", "\t"):
                sys.exit(f"{name}: a spreadsheet would take {cell!r} for a formula")
    return [{name: cell[1:] if cell.startswith("'") else cell for name, cell in zip(rows[0], row)} for row in rows[1:]]


def exact(cell):
    """A number of a workbook as the decimal that stands in it."""
    return Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)


def sheet_rows(sheet):
    names, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(names, row)) for row in rows]


def csv_and_workbook_agree(rows, lines):
    expect("rows", len(rows), len(lines))
    for row, line in zip(rows, lines):
        for name, cell in row.items():
            if name == "Reglering, kr":
                expect(name, Decimal(cell.replace(",", ".")), exact(line[name]))
            elif name == "Beslut":
                expect(name, datetime.date.fromisoformat(cell), line[name].date())
            else:
                expect(name, cell, line[name] or "")


def voucher_books_the_rows(file, rows):
    expect("vouchers", 1, len(file.vouchers))
    booked = file.vouchers[0]["rows"]
    expect("transactions", 2 * len(rows), len(booked))
    for row, cost, other in zip(rows, booked[::2], booked[1::2]):
        kronor = Decimal(row["Reglering, kr"].replace(",", "."))
        expect("cost", (row["Kostnadskonto"], -kronor), (cost["account"], cost["amount"]))
        expect("settlement", (row["Avräkningskonto"], kronor), (other["account"], other["amount"]))
        expect("object", [("20", row["HSA-id"])], cost["objects"])
        expect("object", cost["objects"], other["objects"])


def workbook_is_finished(book, rows):
    expect("sheets", ["Rader", "Dagar", "Summor"], book.sheetnames)
    for sheet in book:
        expect(f"{sheet.title} frozen", "A2", sheet.freeze_panes)
        if not sheet.auto_filter.ref.startswith("A1:"):
            sys.exit(f"{sheet.title}: filter {sheet.auto_filter.ref}")
    expect("money", {"#,##0.00"}, {cell.number_format for cell in book["Rader"]["J"][1:]})
    expect("created", datetime.datetime(2022, 9, 5, 8, 0), book.properties.created)
    *sums, total = sheet_rows(book["Summor"])
    kronor = sum(Decimal(row["Reglering, kr"].replace(",", ".")) for row in rows)
    expect("total", kronor, exact(total["Reglering, kr"]))
    expect("sums", kronor, sum(exact(line["Reglering, kr"]) for line in sums))
    expect("lines", len(rows), sum(line["Rader"] for line in sums))
    expect("kinds of sums", 3, len(sums))


def days_explain_the_first_line(book, rows):
    days = sheet_rows(book["Dagar"])
    expect("explained", {rows[0]["Reglerings-id"]}, {line["Reglerings-id"] for line in days})
    parts = [line["Öre, exakt"].split("/") for line in days]
    common = 31
    ore = sum(int(part[0]) * (common // int(part[1] if len(part) > 1 else 1)) for part in parts)
    expect("the days add up", Decimal(ore) / common / 100, Decimal(rows[0]["Reglering, kr"].replace(",", ".")))
    expect("first day", datetime.datetime(2022, 7, 1), days[0]["Från"])
    expect("staff", (2.8, 2, 0.8), (days[1]["Krav"], days[1]["Räknat"], days[1]["Brist"]))


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[2], "--write", folder], check=True)
        contents = {suffix: pathlib.Path(folder, f"settlement.{suffix}").read_bytes()
                    for suffix in ("SI", "csv", "xlsx")}
    expect("the archive is whole", None, zipfile.ZipFile(io.BytesIO(contents["xlsx"])).testzip())
    book = openpyxl.load_workbook(io.BytesIO(contents["xlsx"]))
    rows = csv_rows(contents["csv"])
    file = sie.File(contents["SI"])
    expect("region", ['Region "Åkerlandet" (fiktiv)'], file.head["#FNAMN"])
    expect("organisation number", ["232100-0016"], file.head["#ORGNR"])
    expect("hostile name", '=HYPERLINK("x";"y") Smid/', file.objects["20", "SE2321000016-1002"])
    csv_and_workbook_agree(rows, sheet_rows(book["Rader"]))
    voucher_books_the_rows(file, rows)
    workbook_is_finished(book, rows)
    days_explain_the_first_line(book, rows)
    print(f"{len(rows)} lines read alike by three readers")


main()
