"""The three queries of `benches/store.rs` in DuckDB, polars and pyarrow, on the same file in the same run.

    python benches/peers/peers.py SET.parquet OURS.json

SET.parquet is the generated set, OURS.json what the Rust bench measured; both are written by
`cargo bench --bench store -- --out DIR`. Answers are compared before anything is timed. Time is CPU time of the
process (user + system, all threads) per run; every engine reads the file anew each time, as it would in use.
"""

import json
import os
import resource
import sys

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SET, OURS = sys.argv[1], json.load(open(sys.argv[2]))
CHANNEL = OURS["channel"]
duckdb.execute("SET TimeZone = 'UTC'")
duckdb.execute("SET preserve_insertion_order = false")


def duckdb_one():
    sql = "SELECT latency_mean_ms::DOUBLE FROM read_parquet(?) WHERE channel = ? ORDER BY ts"
    return [v for (v,) in duckdb.execute(sql, [SET, CHANNEL]).fetchall()]


def duckdb_across():
    sql = """SELECT quantile_cont(m, 0.95) FROM (
               SELECT channel, time_bucket(INTERVAL 5 MINUTE, ts) step, avg(latency_mean_ms::DOUBLE) m
               FROM read_parquet(?) GROUP BY ALL) GROUP BY step ORDER BY step"""
    return [v for (v,) in duckdb.execute(sql, [SET]).fetchall()]


def duckdb_top():
    sql = """SELECT channel, avg(latency_mean_ms::DOUBLE) m FROM read_parquet(?)
             GROUP BY channel ORDER BY m DESC LIMIT 10"""
    return [c for c, _ in duckdb.execute(sql, [SET]).fetchall()]


def scan():
    return pl.scan_parquet(SET)


def value():
    return pl.col("latency_mean_ms").cast(pl.Float64)


def polars_one():
    frame = scan().filter(pl.col("channel") == CHANNEL).sort("ts").select(value())
    return frame.collect()["latency_mean_ms"].to_list()


def polars_across():
    step = pl.col("ts").dt.truncate("5m").alias("step")
    means = scan().group_by("channel", step).agg(value().mean().alias("m"))
    steps = means.group_by("step").agg(pl.col("m").quantile(0.95, "linear")).sort("step")
    return steps.collect()["m"].to_list()


def polars_top():
    means = scan().group_by("channel").agg(value().mean().alias("m"))
    return means.top_k(10, by="m").sort("m", descending=True).collect()["channel"].to_list()


def pyarrow_one():
    table = pq.read_table(SET, columns=["latency_mean_ms"], filters=[("channel", "=", CHANNEL)])
    return pc.cast(table["latency_mean_ms"], pa.float64()).to_pylist()


def pyarrow_top():
    table = pq.read_table(SET, columns=["channel", "latency_mean_ms"])
    table = table.set_column(1, "v", pc.cast(table["latency_mean_ms"], pa.float64()))
    means = table.group_by("channel").aggregate([("v", "mean")]).sort_by([("v_mean", "descending")])
    return means["channel"][:10].to_pylist()


def pyarrow_dense():
    """A floor that no general engine can use: rows are known to be 1,440 per channel in order."""
    column = pq.read_table(SET, columns=["latency_mean_ms"])["latency_mean_ms"]
    values = pc.cast(column, pa.float64()).to_numpy().reshape(-1, 288, 5)
    return np.quantile(values.mean(axis=2), 0.95, axis=0).tolist()


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e3


def measure(run, expected, times):
    answer = run()
    if isinstance(expected[0], str):
        assert answer == expected, f"{run.__name__}: {answer} instead of {expected}"
    else:
        assert np.allclose(answer, expected, rtol=1e-9), f"{run.__name__} gives another answer"
    run()
    start = cpu_ms()
    for _ in range(times):
        run()
    return (cpu_ms() - start) / times


QUESTIONS = [
    ("24 h of one channel, one column", "one", 40),
    ("p95 of 5-minute means over all channels", "across", 10),
    ("top 10 by mean latency", "top", 10),
]
ENGINES = [("DuckDB", "duckdb"), ("polars", "polars"), ("pyarrow", "pyarrow")]


def plain_float_bytes():
    """The same twelve values as plain float64 Parquet, zstd, default encodings: what a first attempt costs."""
    table = pq.read_table(SET, columns=["ts", "channel", *OURS["columns"]])
    for at, name in enumerate(table.column_names[2:], start=2):
        table = table.set_column(at, name, pc.cast(table[name], pa.float64()))
    path = SET + ".f64"
    pq.write_table(table, path, compression="zstd")
    size = os.path.getsize(path)
    os.remove(path)
    return size / (table.num_rows * len(OURS["columns"]))


def main():
    print(f"{'CPU-ms per run':42} {'Foreroute':>10}" + "".join(f"{name:>10} {'ratio':>6}" for name, _ in ENGINES))
    for title, key, times in QUESTIONS:
        ours = OURS[key]["cpu_ms"]
        line = f"{title:42} {ours:10.2f}"
        for _, engine in ENGINES:
            run = globals().get(f"{engine}_{key}")
            if run is None:
                line += f"{'-':>10} {'-':>6}"
                continue
            theirs = measure(run, OURS[key]["answer"], times)
            line += f"{theirs:10.2f} {theirs / ours:5.1f}x"
        print(line)
    dense = measure(pyarrow_dense, OURS["across"]["answer"], 10)
    print(f"{'(floor: pyarrow + numpy, rows known dense)':42} {'':10}{'':17}{'':17}{dense:10.2f}")
    print(f"bytes per value: ours {OURS['bytes_per_value']:.3f}, plain float64 Parquet zstd {plain_float_bytes():.3f}")


main()
