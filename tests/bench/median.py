#!/usr/bin/env python3
"""Prints the median of every column of `name,figure,…` lines, and the ratios to the peers."""
import statistics
import sys

HEAD = {
    "submit": "reports/s, p50 ms, p99 ms (Nivå: failures)",
    "rule_set": "calls/s, p50 ms, p99 ms, percent of the processors in use, failures; "
    "ratio: p99, p50, s until nothing was pending, recomputations a unit",
    "dry_run": "seconds, units, days below, kronor",
    "model": "seconds for all units, groups and months",
}
RATIOS = [
    ("submit_niva", "submit_pgbench_cte", "reports/s, Nivå ÷ pgbench with one statement"),
    ("submit_niva", "submit_pgbench_naive", "reports/s, Nivå ÷ pgbench with seven round trips"),
    ("model_sql_read_compute_store", "model_niva_read_compute_store", "seconds, SQL ÷ Nivå"),
]


def main():
    rows = {}
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            name, *figures = line.strip().split(",")
            rows.setdefault(name, []).append([float(figure) for figure in figures])
    medians = {name: [statistics.median(column) for column in zip(*some)] for name, some in rows.items()}
    for part, head in HEAD.items():
        rounds = [len(some) for name, some in rows.items() if name.startswith(part)]
        if not rounds:
            continue
        print(f"{part}: {head}; medians of {max(rounds)} rounds")
        for name, columns in medians.items():
            if name.startswith(part):
                print(f"  {name:36}" + "".join(f"{column:14,.3f}" for column in columns))
    for over, under, what in RATIOS:
        if over in medians and under in medians:
            print(f"{medians[over][0] / medians[under][0]:8.2f}  {what}")
    print(f"rows: {sys.argv[1]}")


main()
