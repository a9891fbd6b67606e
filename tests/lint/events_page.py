#!/usr/bin/env python3
"""proto/EVENTS.md, the page of all events: events_page.py EVENT_TABLE [--update]

The page is made of the table of types (printed by the program EVENT_TABLE), the protos and their comments (as buf reads
them), and the examples in proto/examples, which the sample region told (tests/system/test_sample.c). Compares with what
is there, or writes it. Fails where a message of an events.proto stands in no row of the table.
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
PAGE = PROTO / "EVENTS.md"
MESSAGE, ENUM = 4, 5  # numbers in the paths of source info: of a file; of a message they are 3 and 4
HEAD = """# Events

Made by `tests/lint/events_page.py` from the table of types, the protos and a run of the sample region; do not edit.

An event is a [CloudEvents 1.0](https://cloudevents.io) record. Its stream gives it a `position` without gaps, in the
order of commits; `id` is its own for ever, `causationid` names the request or the event that it follows from, `actor`
who caused it, `time` when it was recorded. Internal types carry positions and dates of single employees and are given to
Nivå's own services alone; external ones carry runs of days, counts and opaque ids. A changed meaning is a new `.v2`.

| type | | |
|---|---|---|
"""


class Protos:
    """Messages and enums by their full names, with the comments that stand before them."""

    def __init__(self):
        image = json.loads(subprocess.run(["node_modules/.bin/buf", "build", "-o", "-#format=json"], cwd=PROTO,
                                          check=True, capture_output=True).stdout)
        self.messages, self.enums, self.comments, self.told = {}, {}, {}, []
        for file in image["file"]:
            self.locations = {tuple(place.get("path", [])): place.get("leadingComments", "")
                              for place in file["sourceCodeInfo"]["location"]}
            for i, message in enumerate(file.get("messageType", [])):
                name = f".{file['package']}.{message['name']}"
                self.take(name, message, (MESSAGE, i))
                if file["name"].endswith("/events.proto") and "service" not in file:
                    self.told.append(name)
            for i, enum in enumerate(file.get("enumType", [])):
                self.take_enum(f".{file['package']}.{enum['name']}", enum, (ENUM, i))

    def comment(self, *path):
        return " ".join(self.locations.get(path, "").split())

    def take(self, name, message, path):
        self.messages[name] = message
        self.comments[name] = self.comment(*path)
        for i, field in enumerate(message.get("field", [])):
            self.comments[name, field["name"]] = self.comment(*path, 2, i)
        for i, nested in enumerate(message.get("nestedType", [])):
            self.take(f"{name}.{nested['name']}", nested, (*path, 3, i))
        for i, enum in enumerate(message.get("enumType", [])):
            self.take_enum(f"{name}.{enum['name']}", enum, (*path, 4, i))

    def take_enum(self, name, enum, path):
        self.enums[name] = enum
        self.comments[name] = self.comment(*path)
        for i, value in enumerate(enum["value"]):
            self.comments[name, value["name"]] = self.comment(*path, 2, i)


def cell(text):
    return text.replace("|", "\\|")


def anchor(name):
    return name.strip(".").replace(".", "").lower()


def type_of(field):
    """The type of a field, with a link where it stands on this page."""
    full = field.get("typeName")
    if full is None:
        text = f"`{field['type'].removeprefix('TYPE_').lower()}`"
    elif full.startswith(".google."):
        text = f"`{full[1:]}`"
    else:
        text = f"[`{full[1:].removeprefix('niva.')}`](#{anchor(full)})"
    return text + (" []" if field["label"] == "LABEL_REPEATED" else "")


def fields_table(protos, name):
    lines = ["| field | type | |", "|---|---|---|"]
    for field in protos.messages[name].get("field", []):
        lines.append(f"| `{field['name']}` | {type_of(field)} | {cell(protos.comments[name, field['name']])} |")
    return lines


def reached(protos, names):
    """What the fields of messages lead to, in order of name."""
    found, left = set(), list(names)
    while left:
        for field in protos.messages[left.pop()].get("field", []):
            full = field.get("typeName", ".google.")
            if full.startswith(".google.") or full in found:
                continue
            found.add(full)
            if full in protos.messages:
                left.append(full)
    return sorted(found)


def example_of(row):
    """What the sample region told, or the golden event where it tells none."""
    told = PROTO / "examples" / f"{row['type']}.json"
    if told.exists():
        return "Told by the sample region:", told.read_text(encoding="utf-8")
    golden = ROOT / "tests" / "golden" / "events" / row["type"]
    newest = max(golden.glob("*.json"), key=lambda path: int(path.stem))
    return "The sample region tells none; every field set, as in the golden files:", newest.read_text(encoding="utf-8")


def remark_of(protos, row):
    """What the comment of the message says beyond its type and who may read it."""
    rest = protos.comments["." + row["data"]].removeprefix(row["type"])
    rest = rest.removeprefix(", internal").removeprefix(", external").lstrip(":;. ")
    return [rest[0].upper() + rest[1:], ""] if rest else []


def section(protos, row):
    name = "." + row["data"]
    readers = "internal: Nivå's own services" if row["internal"] else "external: everybody"
    words, example = example_of(row)
    return ["", f"## {row['type']}", "", f"{row['text_sv']} *{row['text_en']}*", "",
            *remark_of(protos, row),
            f"- stream `{row['stream']}`, {readers}", f"- subject: {row['subject']}", f"- data: `{row['data']}`", "",
            *fields_table(protos, name), "", words, "", "```json", example.rstrip("\n"), "```"]


def page_make(protos, table):
    lines = HEAD.rstrip("\n").split("\n")
    for row in table:
        readers = "internal" if row["internal"] else "external"
        lines.append(f"| [`{row['type']}`](#{anchor(row['type'])}) | {readers} | {row['text_en']} |")
    for row in table:
        lines += section(protos, row)
    lines += ["", "# What stands in them"]
    for name in reached(protos, ["." + row["data"] for row in table]):
        lines += ["", f"## {name[1:]}", "", protos.comments[name], ""]
        if name in protos.messages:
            lines += fields_table(protos, name)
        else:
            lines += ["| value | |", "|---|---|"]
            lines += [f"| `{value['name']}` | {cell(protos.comments[name, value['name']])} |"
                      for value in protos.enums[name]["value"]]
    return "\n".join(lines) + "\n"


def faults_of(protos, table):
    """Where the protos, the table and the examples do not know each other."""
    rows = {"." + row["data"] for row in table}
    faults = [f"{name[1:]} stands in no row of services/common/wire/event_types.c"
              for name in protos.told if name not in rows]
    faults += [f"{row['data']}: expected a comment that begins with {row['type']}, actual: "
               f"{protos.comments['.' + row['data']]}" for row in table
               if not protos.comments["." + row["data"]].startswith(row["type"])]
    faults += [f"{row['data']}: its comment and its row differ in who may read it" for row in table
               if (", internal" if not row["internal"] else ", external") in protos.comments["." + row["data"]]]
    types = {row["type"] for row in table}
    faults += [f"{path} is an example of no type" for path in sorted((PROTO / "examples").glob("*.json"))
               if path.stem not in types]
    return faults


def main():
    table = json.loads(subprocess.run([sys.argv[1]], check=True, capture_output=True).stdout)
    protos = Protos()
    faults = faults_of(protos, table)
    page = page_make(protos, table)
    if sys.argv[2:] == ["--update"]:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        faults.append(f"{PAGE} is not what the protos say; run tests/lint/events_page.py {sys.argv[1]} --update")
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    return 1 if faults else 0


sys.exit(main())
