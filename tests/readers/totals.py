"""Totals of a trace, computed without any code of this product.

Usage: totals.py LAYOUT FILE

Reads FILE (Parquet with pyarrow, CSV and JSONL with the standard library, gzip by content) and prints one JSON object:
requests, failures, tokens_prompt, tokens_completion, skipped, channels, and p95: per channel and hour (seconds since
1970, rounded down to the hour) the 95th percentile of the latency of successful calls by linear interpolation, the
convention of numpy.percentile and of DuckDB's quantile_cont.
"""

import csv
import datetime
import gzip
import json
import math
import sys
from collections import defaultdict


def open_text(path):
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return (gzip.open if packed else open)(path, "rt", encoding="utf-8", newline="")


def rows(path):
    with open(path, "rb") as file:
        if file.read(4) == b"PAR1":
            yield from parquet_rows(path)
            return
    with open_text(path) as text:
        if text.read(1) == "{":
            text.seek(0)
            yield from map(json.loads, text)
        else:
            text.seek(0)
            yield from csv.DictReader(text)


def parquet_rows(path):
    """Instants as microseconds over a million: a million datetime objects would take half a minute."""
    import pyarrow
    import pyarrow.parquet

    for batch in pyarrow.parquet.ParquetFile(path).iter_batches():
        columns = []
        for column in batch.columns:
            if pyarrow.types.is_timestamp(column.type):
                micros = column.cast(pyarrow.timestamp("us", column.type.tz)).cast(pyarrow.int64())
                columns.append([value / 1e6 for value in micros.to_pylist()])
            else:
                columns.append(column.to_pylist())
        for values in zip(*columns):
            yield dict(zip(batch.schema.names, values))


def seconds(value):
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value / 1e6 if isinstance(value, int) else value


def number(value):
    return None if value in (None, "") else float(value)


# Per layout: a row to (channel, seconds, requests, failures, latency in ms, prompt tokens, completion tokens),
# or None for a call that has not ended.
LLMPERF_START = 1_704_067_200  # 2024-01-01T00:00:00Z
LAYOUTS = {
    "tokens": lambda r: (r["channel"], seconds(r["ts"]), 1, 0, None, r["prompt_tokens"], r["completion_tokens"]),
    "token-minutes": lambda r: (
        r["channel"], seconds(r["ts"]), r["requests"], 0, None, r["prompt_tokens"], r["completion_tokens"]),
    "vllm-bench": lambda r: (
        r["channel"], seconds(r["ts"]), 1, 0, r["e2e_ms"], r["prompt_tokens"], r["completion_tokens"]),
    "gentd26": lambda r: None if r["status"] in ("PENDING", "PROCESSING") else (
        r["channel"], seconds(r["ts"]), 1, r["failed"], r["exec_time_s"] * 1000, 0, 0),
    "gentd26-minutes": lambda r: (r["channel"], seconds(r["ts"]), r["requests"], r["failures"], None, 0, 0),
    "thefastest": lambda r: (
        f"{r['provider']}/{r['model']}@{r['region']}", seconds(r["ts"]), 1, 0, r["total_ms"], 0,
        r["completion_tokens"]),
    "llmperf": lambda r: (
        f"{r['provider']}/{r['model']}", LLMPERF_START + int(r["seq"]), 1, int(r["error_code"] != ""), r["e2e_ms"],
        r["prompt_tokens"], r["completion_tokens"]),
    "own": lambda r: (
        r["channel"], seconds(r["ts"]), 1, int(int(r["status"]) >= 400), r["latency_ms"], r["tokens_prompt"],
        r["tokens_completion"]),
}


def percentile(values, share):
    values = sorted(values)
    rank = share * (len(values) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (rank - low)


def main(layout, path):
    total = {"requests": 0, "failures": 0, "tokens_prompt": 0, "tokens_completion": 0, "skipped": 0}
    latencies = defaultdict(list)
    channels = defaultdict(int)
    for row in rows(path):
        call = LAYOUTS[layout](row)
        if call is None:
            total["skipped"] += 1
            continue
        channel, at, requests, failures, latency, prompt, completion = call
        requests, failures = int(requests), int(failures)
        total["requests"] += requests
        total["failures"] += failures
        total["tokens_prompt"] += int(number(prompt) or 0)
        total["tokens_completion"] += int(number(completion) or 0)
        channels[channel] += requests
        latency = number(latency)
        if not failures and latency is not None:
            latencies[channel, int(at // 3600 * 3600)].append(latency)
    p95 = defaultdict(dict)
    for (channel, hour), values in latencies.items():
        p95[channel][hour] = percentile(values, 0.95)
    json.dump(total | {"channels": channels, "p95": p95}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
