#!/usr/bin/env python3
"""Measures the speeds this project promises beside their rivals, prints a table and writes a list of rows.

    python3 benchmarks/run.py --bin build/release/benchmarks/thermoscape_bench --out build/bench.json

A row is {"name", "value", "unit", "target", "met", "detail"}. The measuring program and the PyTorch peers are asked in
turn, several rounds; medians are compared. Single-threaded rows count processor time, so that other work on the machine
does not enter; a row that cannot be measured is written with value null and the reason.

The rows of a study are a module in rows/ with a table ROWS: {name: function of a Bench that returns a row}.
"""
import argparse
import importlib
import json
import os
import sys

from harness import HERE, Bench, row

sys.path.insert(0, os.path.join(HERE, "rows"))
ROWS = {}
for file in sorted(os.listdir(os.path.join(HERE, "rows"))):
    if file.endswith(".py"):
        ROWS.update(importlib.import_module(file[:-3]).ROWS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="the measuring program")
    parser.add_argument("--out", required=True, help="where the rows go, JSON")
    parser.add_argument("--only", action="append", choices=list(ROWS), help="measure these rows alone")
    options = parser.parse_args()
    bench = Bench(options.bin)
    rows = []
    for name, measure in sorted(ROWS.items()):
        if options.only and name not in options.only:
            continue
        try:
            rows.append(measure(bench))
        except (RuntimeError, KeyError, OSError) as error:
            rows.append(row(name, None, "", "", False, f"not measured: {error}"))
        last = rows[-1]
        value = "-" if last["value"] is None else f"{last['value']:.3g}"
        mark = "met" if last["met"] else "NOT MET"
        print(f"{last['name']:<30} {value:>8} {last['unit']:<40} {last['target']:<24} {mark}", flush=True)
        print(f"    {last['detail']}", flush=True)
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
