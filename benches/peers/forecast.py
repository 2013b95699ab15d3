"""Speed of statsforecast and LightGBM on the series of `benches/forecast.rs`, on one thread.

    OMP_NUM_THREADS=1 python benches/peers/forecast.py DIR [--all]

DIR holds series.csv and rows.csv, written by `cargo bench --bench forecast -- --out DIR`; the packages stand in
`benches/peers/requirements-forecast.txt`. Time is CPU time of the process (user + system) per run, after one run on a
short series that compiles what has to be compiled. What does not end within minutes is not run, and the table says so.
"""

import resource
import sys
from pathlib import Path

import lightgbm
import numpy as np
from statsforecast.models import AutoETS, HoltWinters, OptimizedTheta, Theta

AHEAD = 60
DIR = Path(sys.argv[1])
WEEK = np.loadtxt(DIR / "series.csv")
DAY = WEEK[:1440]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(what, work, repeats=1):
    try:
        start = cpu_seconds()
        for _ in range(repeats):
            work()
        print(f"{what:66} {1e3 * (cpu_seconds() - start) / repeats:12.1f} CPU-ms", flush=True)
    except Exception as error:
        print(f"{what:66} fails: {error}", flush=True)


def forecast(family, season, values, **options):
    family(season_length=season, **options).forecast(values, h=AHEAD)


def boosting():
    rows = np.loadtxt(DIR / "rows.csv", delimiter=",")
    parameters = {"objective": "regression", "verbose": -1, "num_threads": 1, "seed": 1}

    def train():
        lightgbm.train(parameters, lightgbm.Dataset(rows[:, :-1], rows[:, -1]), num_boost_round=100)

    train()
    measure(f"LightGBM, {rows.shape[0]} rows x {rows.shape[1] - 1} features, 100 trees", train, 3)


def main():
    for family in (AutoETS, HoltWinters, Theta, OptimizedTheta):
        forecast(family, 12, DAY[:60])
    forecast(AutoETS, 1, DAY[:60])
    boosting()
    measure("AutoETS, 10,080 steps, no season", lambda: forecast(AutoETS, 1, WEEK, model="ZZN"), 3)
    measure("HoltWinters additive, 1,440 steps, season 60", lambda: forecast(HoltWinters, 60, DAY))
    measure(
        "HoltWinters multiplicative, 1,440 steps, season 60",
        lambda: forecast(HoltWinters, 60, DAY, error_type="M"),
    )
    measure("Theta, 10,080 steps, season 1,440", lambda: forecast(Theta, 1440, WEEK))
    measure("OptimizedTheta, 10,080 steps, season 1,440", lambda: forecast(OptimizedTheta, 1440, WEEK))
    measure("AutoETS, 10,080 steps, season 60", lambda: forecast(AutoETS, 60, WEEK))
    if "--all" in sys.argv:
        measure("HoltWinters, 10,080 steps, season 1,440", lambda: forecast(HoltWinters, 1440, WEEK))
    else:
        print("HoltWinters, 10,080 steps, season 1,440: not run without --all, it takes minutes")


main()
