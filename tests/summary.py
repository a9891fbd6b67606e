#!/usr/bin/env python3
"""Adds up what the test programs said: cmocka's counts where they are, one for any other program."""
import json
import re
import sys

COUNT = re.compile(r"\[\s+(PASSED|FAILED|SKIPPED)\s+\] (\d+) test\(s\)[.,]")


def counts(record):
    """(passed, failed, skipped) of one program."""
    text = record.get("stdout", "") + "\n" + record.get("stderr", "")
    said = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    for word, number in COUNT.findall(text):
        said[word] += int(number)
    if record["result"] == "SKIP":
        return 0, 0, 1
    if record["result"] != "OK":
        return said["PASSED"], max(said["FAILED"], 1), said["SKIPPED"]
    return max(said["PASSED"], 0 if said["SKIPPED"] else 1), 0, said["SKIPPED"]


def main():
    passed = failed = skipped = 0
    try:
        with open(sys.argv[1], encoding="utf-8") as log:
            records = [json.loads(line) for line in log]
    except FileNotFoundError:
        records = []
    for record in records:
        good, bad, left_out = counts(record)
        passed, failed, skipped = passed + good, failed + bad, skipped + left_out
        if bad:
            print(f"failed: {record['name']} ({record['result']}); alone: {' '.join(record['command'])}")
    if not records:
        print("no test was run")
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


sys.exit(main())
