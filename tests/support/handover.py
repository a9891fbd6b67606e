"""What a story hands over to the ledger, month by month: every decided line once, in three files that readers which are
not ours read, the same bytes whenever they are asked for."""
import collections
import csv
import decimal
import hashlib
import io

import openpyxl

import sie
from expect import expect
from storyteller import CHANNELS

FORMATS = ("sie4i", "csv", "xlsx")
ECONOMIST = "fiktiv.ekonom.1"
REGION = "--region=99"


def kronor(ore):
    return decimal.Decimal(ore) / 100


class Ledger:
    def __init__(self, teller):
        self.teller = teller
        self.system = teller.system
        self.settled = {}  # adjustment_id -> settlement_id of the living settlement that has it
        self.files = {}  # (settlement_id, format) -> SHA-256

    def waiting(self):
        """Decided lines that take or give money and are in no settlement: adjustment_id -> (unit, period, öre)."""
        return {line.adjustment_id: (unit, period, line.deduction)
                for (unit, _, period), lines in self.teller.book.decided.items()
                for line in lines if line.deduction and line.adjustment_id not in self.settled}

    def export(self, month, closed=()):
        """Hands over what waits, and reads the files; units that are `closed` have no payment to set off against."""
        expected = self.waiting()
        settlement = self.teller.while_killed("compensation", "settle", "export", month, REGION, "--format=sie4i",
                                              principal=ECONOMIST)["settlement"]
        expect(f"lines settled in {month}", sorted(expected), sorted(settlement["adjustment_ids"]))
        expect(f"sum settled in {month}", sum(ore for _, _, ore in expected.values()), settlement["sum_ore"])
        self.settled.update(dict.fromkeys(expected, settlement["settlement_id"]))
        self.lines_check(settlement["settlement_id"], expected, closed)
        for form in FORMATS:
            self.file_check(settlement["settlement_id"], month, form, list(expected.values()))
        return settlement["settlement_id"]

    def lines_check(self, settlement_id, expected, closed):
        """Each with the owner, form and channel of the month regulated."""
        lines = {line["adjustment_id"]: line for line in self.teller.adjustments() if line["adjustment_id"] in expected}
        for adjustment_id, (unit, period, ore) in expected.items():
            line = lines[adjustment_id]
            owner, form = self.teller.book.owner(unit, self.teller.last_open(unit, period))
            channel = "CREDIT_REQUEST" if unit in closed else CHANNELS[form]
            expect(f"{unit} {period} settled", ("EXPORTED", settlement_id, ore, owner, form, channel),
                   tuple(line[name] for name in ("state", "settlement_id", "deduction_ore", "owner", "form", "channel")))

    def file_check(self, settlement_id, month, form, expected):
        paths = [self.teller.folder / f"{name}.{form}" for name in ("export", "get")]
        self.system.nivactl("settle", "export", month, str(paths[0]), REGION, f"--format={form}", principal=ECONOMIST)
        self.system.nivactl("settle", "get", settlement_id, str(paths[1]), f"--format={form}", principal="fiktiv.revisor.1")
        exported, again = (path.read_bytes() for path in paths)
        expect(f"{month}: {form} fetched again", exported, again)
        self.files[settlement_id, form] = hashlib.sha256(exported).hexdigest()
        money = collections.Counter((unit, kronor(ore)) for unit, _, ore in expected)
        expect(f"{month}: {form}", money, collections.Counter(getattr(self, f"read_{form}")(exported)))

    @staticmethod
    def read_sie4i(content):
        file = sie.File(content)
        voucher, = file.vouchers
        for row in voucher["rows"]:
            (_, unit), = row["objects"]
            if file.accounts[row["account"]].startswith("Fast ersättning"):  # the cost; the other row is its counterpart
                yield unit, -row["amount"]

    @staticmethod
    def read_csv(content):
        for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"):
            yield row["HSA-id"], decimal.Decimal(row["Reglering, kr"].replace(",", "."))

    @staticmethod
    def read_xlsx(content):
        heading, *rows = openpyxl.load_workbook(io.BytesIO(content))["Rader"].iter_rows(values_only=True)
        for row in rows:
            cells = dict(zip(heading, row, strict=True))
            yield cells["HSA-id"], decimal.Decimal(repr(cells["Reglering, kr"]))

    def void(self, settlement_id, reason):
        """Before it is booked: its lines wait again, its files stay as they are."""
        self.system.ask("settle", "void", settlement_id, reason, principal=ECONOMIST)
        self.settled = {line: settlement for line, settlement in self.settled.items() if settlement != settlement_id}

    def book(self, settlement_id, voucher):
        self.system.ask("settle", "book", settlement_id, voucher, principal=ECONOMIST)
        states = {line["state"] for line in self.teller.adjustments() if line["settlement_id"] == settlement_id}
        expect(f"lines of voucher {voucher}", {"BOOKED"}, states)

    def never_changed(self):
        """Every file that was ever made is what it was."""
        for (settlement_id, form), digest in self.files.items():
            path = self.teller.folder / "again"
            self.system.nivactl("settle", "get", settlement_id, str(path), f"--format={form}")
            expect(f"{settlement_id} {form}", digest, hashlib.sha256(path.read_bytes()).hexdigest())
