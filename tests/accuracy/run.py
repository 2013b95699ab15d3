"""How well Foreroute forecasts and detects, on recorded data, by its own `backtest` and `detect` commands.

    .venv/bin/python tests/accuracy/run.py [--only m4,kpi,..] [--binary PATH] [--json FILE]

The data are not part of the repository: they are looked for in `$FOREROUTE_DATA`, else in `../shared/data` beside it;
where they are absent this says so and ends with 0. What is forecast from what, and how it is judged, stands above
each function of `sets.py` and `detection.py`. A figure that misses its mark is shown as missed and changes no exit code: this is a
measurement, not a gate.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import detection
import product
import sets

ALL = sets.ALL | detection.ALL
ROOT = Path(__file__).resolve().parents[2]
HEADINGS = ["data", "measure", "figure", "mark", "", "naive", "peers and remarks"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, help="the program [default: the release build, else the debug one]")
    parser.add_argument("--only", default=",".join(ALL), help=f"of {', '.join(ALL)}")
    parser.add_argument("--jobs", type=int, default=1, help="series at once")
    parser.add_argument("--json", type=Path, help="write the rows into this file too")
    return parser.parse_args()


def data_directory():
    named = os.environ.get("FOREROUTE_DATA")
    directory = Path(named) if named else ROOT.parent / "shared" / "data"
    return directory if directory.is_dir() else sys.exit(print(f"skipped: {directory} is absent"))


def cells(row):
    """A row of the table as text."""
    verdict = {True: "reached", False: "MISSED", None: ""}[row.reached]
    naive = "" if row.naive is None else f"{row.naive:.4g}"
    return [row.data, row.measure, f"{row.figure:.4g}", row.mark_text, verdict, naive, row.remarks]


def table(rows):
    """A Markdown table, aligned for the terminal."""
    lines = [HEADINGS, *map(cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    shown = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    return "\n".join([shown[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *shown[1:]])


def main():
    wanted = arguments()
    data = data_directory()
    binary = wanted.binary or product.find(ROOT)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in wanted.only.split(","):
            started = time.monotonic()
            tool = product.Product(binary, Path(scratch), wanted.jobs)
            rows += ALL[name](tool, data)
            print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, {tool.version()}\n")
    print(table(rows))
    if wanted.json:
        wanted.json.write_text(json.dumps([vars(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
