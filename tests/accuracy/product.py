"""The product's command, and a row of the result."""

import json
import subprocess
import sys
from dataclasses import dataclass

import polars as pl


@dataclass
class Row:
    """A figure beside what it is to reach: at most `most`, and where given at least `least`."""

    data: str
    measure: str
    figure: float
    most: float | None = None
    least: float | None = None
    naive: float | None = None
    remarks: str = ""

    @property
    def mark_text(self):
        if self.most is None and self.least is None:
            return ""
        if self.most is None:
            return f">= {self.least:g}"
        return f"<= {self.most:g}" if self.least is None else f"{self.least:g} .. {self.most:g}"

    @property
    def reached(self):
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.figure <= self.most) and (self.least is None or self.figure >= self.least)


def find(root):
    """The release build, or with a warning the debug build."""
    release, debug = root / "target/release/foreroute", root / "target/debug/foreroute"
    if release.exists():
        return release
    if debug.exists():
        print("warning: no release build; the debug build gives the same figures, slowly", file=sys.stderr)
        return debug
    return sys.exit("there is no build: `cargo build --release`")


class Product:
    """`foreroute backtest` and `detect` on tables of polars."""

    def __init__(self, binary, scratch, jobs):
        self.binary, self.scratch, self.jobs = binary, scratch, jobs

    def version(self):
        return subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def backtest(self, frame, **options):
        """The document of a backtest of `frame`; an option such as `mase_lag=1` becomes `--mase-lag 1`."""
        path = self.scratch / "input.parquet"
        frame.write_parquet(path)
        command = [self.binary, "backtest", "--input", path, "--jobs", self.jobs, "--by-series"]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", value]
        command += ["--format", "json", "--quiet"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        # 2 says that some series or rows are left out; which, stands in the document.
        if done.returncode not in (0, 2):
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)

    def detect(self, frame, **options):
        """The scores of the rows of `frame`, in its order; series must follow each other."""
        path, out = self.scratch / "input.parquet", self.scratch / "scores.parquet"
        frame.write_parquet(path)
        command = [self.binary, "detect", "--input", path, "--jobs", self.jobs, "--out", out]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", value]
        command += ["--format", "parquet", "--quiet"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return pl.read_parquet(out)
