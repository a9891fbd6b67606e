#!/usr/bin/env python3
"""What a region hands over, read by readers that are not ours: `settlement_files.py ROOT DIR UNITS STEP MONTHS`, where DIR
has settlement.sie4i, .csv and .xlsx. Unit n of so many is STEP × n öre below in each month. Exits with 1 where a file
says anything else."""
import csv
import decimal
import io
import pathlib
import sys

import openpyxl

root, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
units, step, months = (int(argument) for argument in sys.argv[3:])
sys.path.insert(0, str(root / "tests/support"))
import sie  # noqa: E402

expected = sorted(decimal.Decimal(step * unit) / 100 for unit in range(1, units + 1) for _ in range(months))


def expect(what, actual):
    if sorted(actual) != expected:
        sys.exit(f"{what}: expected {expected}, actual {sorted(actual)}")


file = sie.File((folder / "settlement.sie4i").read_bytes())
voucher, = file.vouchers
expect("debits", [row["amount"] for row in voucher["rows"] if row["amount"] > 0])
expect("credits", [-row["amount"] for row in voucher["rows"] if row["amount"] < 0])
text = (folder / "settlement.csv").read_bytes().decode("utf-8-sig")
expect("CSV", [decimal.Decimal(row["Reglering, kr"].replace(",", "."))
               for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")])
book = openpyxl.load_workbook(folder / "settlement.xlsx")
expect("workbook", [decimal.Decimal(repr(cell.value)) for cell in book["Rader"]["J"][1:]])
total = book["Summor"].cell(book["Summor"].max_row, 7).value
if decimal.Decimal(repr(total)) != sum(expected):
    sys.exit(f"sum: expected {sum(expected)}, actual {total}")
