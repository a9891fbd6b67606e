"""A strict reader of SIE 4I, written from the format alone: whatever the format does not allow is an error. No open
package reads the format, so this is the independent reader of the tests."""
import datetime
import decimal
import re

FIELD = re.compile(rb'"((?:\\"|[^"])*)"|(\{)|(\})|([^\s"{}]+)')
AMOUNT = re.compile(r"-?\d+(\.\d{1,2})?")


class Malformed(Exception):
    """What is wrong, and in which line."""


def fields(line, number):
    """The fields of a line: text, or a list for what stands in braces."""
    found, within, at = [], None, 0
    while at < len(line):
        if line[at:at + 1] == b" ":
            at += 1
            continue
        match = FIELD.match(line, at)
        if match is None:
            raise Malformed(f"line {number}: {line!r}")
        quoted, opens, closes, plain = match.groups()
        if opens:
            within = []
        elif closes:
            found.append(within)
            within = None
        else:
            text = (quoted.replace(b'\\"', b'"') if quoted is not None else plain).decode("cp437")
            (found if within is None else within).append(text)
        at = match.end()
        if at < len(line) and line[at:at + 1] not in b" }" and not opens:
            raise Malformed(f"line {number}: no space between fields")
    if within is not None:
        raise Malformed(f"line {number}: braces are open")
    return found


def day(text, number):
    try:
        return datetime.datetime.strptime(text, "%Y%m%d").date()
    except ValueError as error:
        raise Malformed(f"line {number}: {text} is no day") from error


def amount(text, number):
    if not AMOUNT.fullmatch(text):
        raise Malformed(f"line {number}: {text} is no amount")
    return decimal.Decimal(text)


class File:
    """A file as it was read: head (label -> fields), accounts, dimensions, objects, vouchers."""

    def __init__(self, content):
        self.head, self.accounts, self.dimensions, self.objects, self.vouchers = {}, {}, {}, {}, []
        self.open = None
        if not content.endswith(b"\r\n"):
            raise Malformed("the last line has no end")
        for number, line in enumerate(content.split(b"\r\n")[:-1], 1):
            if any(byte < 0x20 or byte == 0x7F for byte in line):
                raise Malformed(f"line {number}: a control character")
            self.line(line, number)
        if self.open is not None:
            raise Malformed("a voucher is open")
        for label in ("#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#FNAMN"):
            if label not in self.head:
                raise Malformed(f"{label} is missing")
        if self.head["#FLAGGA"] != ["0"] or self.head["#FORMAT"] != ["PC8"] or self.head["#SIETYP"] != ["4"]:
            raise Malformed("not SIE 4I that was not read before")
        day(self.head["#GEN"][0], 0)

    def line(self, line, number):
        if line in (b"{", b"}"):
            return self.brace(line, number)
        label, *rest = fields(line, number)
        if self.open is not None and label != "#TRANS":
            raise Malformed(f"line {number}: {label} within a voucher")
        if number == 1 and label != "#FLAGGA":
            raise Malformed("the first line is #FLAGGA")
        read = {"#KONTO": self.account, "#DIM": self.dimension, "#OBJEKT": self.object, "#VER": self.voucher,
                "#TRANS": self.transaction}.get(label)
        if read is not None:
            return read(rest, number)
        if self.accounts or self.vouchers or label in self.head:
            raise Malformed(f"line {number}: {label} comes late or twice")
        if label == "#ORGNR" and not re.fullmatch(r"\d{6}-\d{4}", rest[0]):
            raise Malformed(f"line {number}: {rest[0]} is no organisation number")
        self.head[label] = rest
        return None

    def brace(self, line, number):
        if line == b"{":
            if not self.vouchers or self.open is not None or self.vouchers[-1]["rows"]:
                raise Malformed(f"line {number}: no voucher begins here")
            self.open = self.vouchers[-1]
            return
        if self.open is None or not self.open["rows"]:
            raise Malformed(f"line {number}: no voucher ends here")
        total = sum(row["amount"] for row in self.open["rows"])
        if total != 0:
            raise Malformed(f"line {number}: the voucher sums to {total}")
        self.open = None

    def account(self, rest, number):
        account, name = rest
        if account in self.accounts or not account.isdigit():
            raise Malformed(f"line {number}: account {account}")
        self.accounts[account] = name

    def dimension(self, rest, number):
        dimension, name = rest
        if dimension in self.dimensions or not dimension.isdigit():
            raise Malformed(f"line {number}: dimension {dimension}")
        self.dimensions[dimension] = name

    def object(self, rest, number):
        dimension, key, name = rest
        if dimension not in self.dimensions or (dimension, key) in self.objects:
            raise Malformed(f"line {number}: object {key}")
        self.objects[dimension, key] = name

    def voucher(self, rest, number):
        series, voucher, when, text = rest
        if len(text) > 50:
            raise Malformed(f"line {number}: a text of {len(text)} characters")
        self.vouchers.append({"series": series, "number": voucher, "day": day(when, number), "text": text, "rows": []})

    def transaction(self, rest, number):
        if self.open is None:
            raise Malformed(f"line {number}: a row outside a voucher")
        account, objects, money, when, text = rest
        if account not in self.accounts:
            raise Malformed(f"line {number}: account {account} was not named")
        if not isinstance(objects, list) or len(objects) % 2:
            raise Malformed(f"line {number}: objects {objects}")
        pairs = list(zip(objects[::2], objects[1::2]))
        for pair in pairs:
            if pair not in self.objects:
                raise Malformed(f"line {number}: object {pair} was not named")
        if len(text) > 50:
            raise Malformed(f"line {number}: a text of {len(text)} characters")
        self.open["rows"].append({"account": account, "objects": pairs, "amount": amount(money, number),
                                  "day": day(when, number), "text": text})
