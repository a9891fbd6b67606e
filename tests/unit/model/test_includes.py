#!/usr/bin/env python3
"""The model is pure: its sources include no database, no network, no clock."""
import pathlib
import re
import sys

FORBIDDEN = re.compile(
    r'^\s*#\s*include\s*[<"](libpq|nng/|time\.h|sys/time\.h|stdio\.h|unistd\.h|pthread\.h'
    r"|services/common/(?!base/(day|arena|error)\.h))",
    re.MULTILINE,
)


def main():
    folder = pathlib.Path(sys.argv[1])
    sources = sorted(folder.glob("*.[ch]"))
    failed = 0
    for source in sources:
        for match in FORBIDDEN.finditer(source.read_text(encoding="utf-8")):
            print(f"{source.name}: expected no such include, found {match.group(0).strip()}")
            failed += 1
    if not sources:
        print(f"{folder}: no sources")
    return 1 if failed or not sources else 0


sys.exit(main())
