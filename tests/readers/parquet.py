"""What DuckDB, pyarrow and polars see in a table's Parquet files, as JSON on standard output.

usage: parquet.py DIRECTORY      (the directory of a table, such as DATA/samples)

Sums are exact decimals written as text, so that equal means equal.
"""

import glob
import json
import sys
from decimal import Decimal

import duckdb
import polars
import pyarrow.compute as pc
import pyarrow.dataset as ds


def text(value):
    """A sum as text without trailing zeros; None of nothing."""
    if value is None:
        return None
    plain = format(Decimal(value), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def report(rows, channels, first, last, sums, nulls):
    return {
        "rows": rows,
        "channels": channels,
        "first_ts": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "last_ts": last.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sums": {name: text(value) for name, value in sums.items()},
        "nulls": nulls,
    }


def with_duckdb(files, columns):
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    span = "min(ts)::TIMESTAMP, max(ts)::TIMESTAMP"
    sums = ", ".join(f'sum("{c}"), count(*) - count("{c}")' for c in columns)
    query = f"SELECT count(*), count(DISTINCT channel), {span}, {sums} FROM read_parquet({files!r})"
    rows, channels, first, last, *rest = db.execute(query).fetchone()
    return report(rows, channels, first, last, dict(zip(columns, rest[::2])), dict(zip(columns, rest[1::2])))


def with_pyarrow(files, columns):
    table = ds.dataset(files, format="parquet").to_table()
    return report(
        table.num_rows,
        len(pc.unique(table["channel"])),
        pc.min(table["ts"]).as_py(),
        pc.max(table["ts"]).as_py(),
        {c: pc.sum(table[c]).as_py() for c in columns},
        {c: table[c].null_count for c in columns},
    )


def with_polars(files, columns):
    table = polars.scan_parquet(files).collect()
    sums = table.select(polars.col(columns).sum()).row(0, named=True)
    nulls = table.select(polars.col(columns).null_count()).row(0, named=True)
    # The sum of nothing is zero in polars and nothing elsewhere.
    sums = {c: None if nulls[c] == table.height else sums[c] for c in columns}
    return report(table.height, table["channel"].n_unique(), table["ts"].min(), table["ts"].max(), sums, nulls)


def main():
    files = sorted(glob.glob(f"{sys.argv[1]}/day=*/*.parquet"))
    names = ds.dataset(files[0], format="parquet").schema.names
    columns = [name for name in names if name not in ("ts", "channel") and not name.endswith("_sketch")]
    readers = {"duckdb": with_duckdb, "pyarrow": with_pyarrow, "polars": with_polars}
    json.dump({name: read(files, columns) for name, read in readers.items()}, sys.stdout)


main()
