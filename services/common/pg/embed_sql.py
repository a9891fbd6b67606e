#!/usr/bin/env python3
"""Embeds the migrations of a set in a program: embed_sql.py SET OUT.c OUT.h FILE.sql ...

The header declares `extern const struct niva_migration niva_SET_migrations[]` and the constant
NIVA_SET_MIGRATION_COUNT; a migration is called SET/FILE.sql.
"""

import pathlib
import re
import sys


def literal(line: bytes) -> str:
    """One line of a file as a C string literal; bytes outside ASCII as octal."""
    out = []
    for byte in line:
        if byte in b'"\\':
            out.append("\\" + chr(byte))
        elif 0x20 <= byte < 0x7F:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out).replace("??", '?""?') + '"'


def numbered(files: list[pathlib.Path]) -> list[pathlib.Path]:
    """The files, which must be named NNNN_words.sql with numbers that rise strictly."""
    last = 0
    for file in files:
        match = re.fullmatch(r"(\d{4})_[a-z0-9_]+\.sql", file.name)
        if not match or int(match[1]) <= last:
            sys.exit(f"{file}: the name must be NNNN_words.sql, its number above {last:04d}")
        last = int(match[1])
    return files


def main() -> None:
    name, source, header, *inputs = sys.argv[1:]
    files = numbered([pathlib.Path(path) for path in inputs])
    array = f"niva_{name}_migrations"
    count = f"NIVA_{name.upper()}_MIGRATION_COUNT"
    guard = f"NIVA_{name.upper()}_SQL_H"
    pathlib.Path(header).write_text(
        f"#ifndef {guard}\n#define {guard}\n\n"
        '#include "services/common/pg/migrate.h"\n\n'
        f"enum {{ {count} = {len(files)} }};\n"
        f"extern const struct niva_migration {array}[{count}];\n\n#endif\n"
    )
    with open(source, "w", encoding="ascii") as out:
        out.write(f'#include "{pathlib.Path(header).name}"\n\n')
        out.write(f"const struct niva_migration {array}[{count}] = {{\n")
        for file in files:
            lines = file.read_bytes().splitlines(keepends=True)
            out.write(f'    {{"{name}/{file.name}",\n')
            out.writelines(f"     {literal(line)}\n" for line in lines)
            out.write("    },\n")
        out.write("};\n")


main()
