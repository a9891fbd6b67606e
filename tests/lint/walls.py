#!/usr/bin/env python3
"""The walls between the rooms stand:
  1. the model is pure: no database, no network, no clock, no input or output;
  2. SQL is written in stores and in the common rooms of the database and the stream, nowhere else;
  3. no service calls another: only the consumer of a stream, nivactl and the question to oneself, whether one is
     healthy, have a client;
  4. no service knows another's schema or its code, and the common rooms know no service;
  5. letters are set in services/letters alone, which knows no message and no service, and nivactl alone writes them.
Prints each breach of a wall as file:line. `walls.py ROOT`, or `walls.py --self-test`."""
import pathlib
import re
import sys
import tempfile

SERVICES = ("intake", "compliance", "compensation")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
STATEMENT = re.compile(r"\b(SELECT\s+\S|INSERT\s+INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|TRUNCATE\b|CREATE\s+TABLE\b)")
QUALIFIED = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|FUNCTION|ON)\s+(intake|compliance|compensation)\.\w")

MODEL_MAY = re.compile(r"services/(model/|common/base/(day|arena|error)\.h)|"
                       r"(stdbool|stddef|stdint|stdarg|limits|string|stdlib|inttypes|assert|gmp)\.h$")
CLIENTS = ("services/common/rpc/", "services/common/bus/consumer", "services/common/run/health.c", "services/nivactl/")
TYPESETTERS = re.compile(r"(cairo|pango/|fontconfig/|zlib\.h)")
LETTERS_MAY = re.compile(r"(?!services/|niva/)|services/(letters|common/base)/")
SQL_ROOMS = ("services/common/pg/", "services/common/bus/", "services/common/run/")


def without_comments(text):
    """The text with blanks for comments, so that lines keep their numbers."""
    return COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def room(path):
    """The service that a file belongs to, or None."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "services" and parts[1] in SERVICES else None


def include_breach(path, include):
    """What is wrong with a file that includes this, or None."""
    if path.startswith("services/model/") and not MODEL_MAY.match(include):
        return "the model is pure"
    if include == "libpq-fe.h" and not path.startswith("services/common/pg/"):
        return "libpq is used in services/common/pg alone"
    if include.startswith("services/common/rpc/client.h") and not path.startswith(CLIENTS):
        return "only the consumer and nivactl call others, and health oneself"
    if TYPESETTERS.match(include) and not path.startswith("services/letters/"):
        return "letters are set in services/letters alone"
    if path.startswith("services/letters/") and not LETTERS_MAY.match(include):
        return "a letter knows no message and no service"
    if include.startswith("services/letters/") and not path.startswith(("services/letters/", "services/nivactl/")):
        return "only nivactl writes letters"
    mine, other = room(path), room(include)
    if other is not None and mine != other:
        return f"the code of {other} is its own"
    return None


def sql_breach(path, literal):
    """What is wrong with a file that has this string, or None."""
    mine = room(path)
    named = QUALIFIED.search(literal)
    if named and (mine is not None or path.startswith("services/common/")):
        return f"the schema {named.group(1)} is not named: a service sees its own alone"
    if not STATEMENT.search(literal):
        return None
    if re.fullmatch(r"services/\w+/store(_\w+)?\.c", path) or path.startswith(SQL_ROOMS):
        return None
    return "SQL is written in stores"


def breaches(root):
    """Every breach of a wall: (path, line, what)."""
    for source in sorted(root.glob("services/**/*.[ch]")):
        path = source.relative_to(root).as_posix()
        text = without_comments(source.read_text(encoding="utf-8"))
        for match in INCLUDE.finditer(text):
            what = include_breach(path, match.group(1))
            if what:
                yield path, text.count("\n", 0, match.start()) + 1, what
        code = INCLUDE.sub(" ", text)
        for match in STRING.finditer(code):
            what = sql_breach(path, match.group(0))
            if what:
                yield path, code.count("\n", 0, match.start()) + 1, what
    for source in sorted(root.glob("services/*/sql/*.sql")):
        path = source.relative_to(root).as_posix()
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
            if QUALIFIED.search(line.split("--")[0]):
                yield path, number, "a migration names no schema: it runs in its service's own"


PLANTED = {
    "services/model/clock.c": "#include <time.h>\n",
    "services/model/deep.c": '#include "services/common/pg/pg.h"\n',
    "services/intake/decide.c": 'const char *a = "SELECT 1 FROM fact";\n',
    "services/intake/store.c": 'const char *a = "SELECT 1 FROM compliance.fact";\n',
    "services/compliance/rpc.c": '#include "services/common/rpc/client.h"\n',
    "services/compliance/peek.c": '#include "services/intake/intake.h"\n',
    "services/common/bus/peek.c": '#include "services/compliance/desk.h"\n',
    "services/compensation/pq.c": "#include <libpq-fe.h>\n",
    "services/nivactl/draw.c": "#include <pango/pangocairo.h>\n",
    "services/letters/peek.c": '#include "niva/intake/v1/unit.pb-c.h"\n',
    "services/compensation/letter.c": '#include "services/letters/letters.h"\n',
    "services/compensation/sql/0009_peek.sql": "CREATE VIEW v AS SELECT * FROM intake.fact;\n",
}
HARMLESS = {
    "services/intake/store_reads.c": 'const char *a = "SELECT body FROM fact"; /* FROM compliance.fact */\n',
    "services/model/ratio.c": '#include <gmp.h>\n#include "services/common/base/arena.h"\n',
    "services/letters/press.c": '#include <cairo.h>\n#include "services/common/base/text.h"\n',
    "services/nivactl/letter.c": '#include "services/letters/letters.h"\n',
    "services/common/bus/consumer.h": '#include "services/common/rpc/client.h"\n',
}


def self_test():
    """Each planted breach is found once, and nothing in what is harmless."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**PLANTED, **HARMLESS}.items():
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        found = sorted(path for path, _, _ in breaches(pathlib.Path(folder)))
    if found != sorted(PLANTED):
        print(f"expected {sorted(PLANTED)}\nfound    {found}")
        return 1
    return 0


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    root = pathlib.Path(sys.argv[1])
    found = list(breaches(root))
    for path, line, what in found:
        print(f"{path}:{line}: {what}")
    if not list(root.glob("services/model/*.c")):
        print(f"{root}: no sources")
        return 1
    return 1 if found else 0


sys.exit(main())
