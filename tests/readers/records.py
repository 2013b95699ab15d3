"""Every row that DuckDB, pyarrow and polars see in the files of a table of records, as JSON on standard output.

usage: records.py DIRECTORY      (the directory of a table, such as DATA/forecasts)

Instants are written as microseconds since 1970. The order of the rows is that of the files, or any other.
"""

import glob
import json
import sys

import duckdb
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds


def with_duckdb(files, schema):
    instants = {field.name for field in schema if pa.types.is_timestamp(field.type)}
    columns = [f'epoch_us("{name}")' if name in instants else f'"{name}"' for name in schema.names]
    query = f"SELECT {', '.join(columns)} FROM read_parquet({files!r}, hive_partitioning = false)"
    return [list(row) for row in duckdb.connect().execute(query).fetchall()]


def with_pyarrow(files, schema):
    table = ds.dataset(files, format="parquet").to_table()

    def plain(column):
        if not pa.types.is_timestamp(column.type):
            return column
        return pc.cast(pc.cast(column, pa.timestamp("us", "UTC")), pa.int64())

    return [list(row) for row in zip(*(plain(column).to_pylist() for column in table.columns))]


def with_polars(files, schema):
    table = polars.scan_parquet(files).with_columns(polars.selectors.datetime().dt.epoch("us")).collect()
    return [list(row) for row in table.rows()]


def main():
    files = sorted(glob.glob(f"{sys.argv[1]}/day=*/*.parquet"))
    schema = ds.dataset(files[0], format="parquet").schema
    readers = {"duckdb": with_duckdb, "pyarrow": with_pyarrow, "polars": with_polars}
    rows = {name: read(files, schema) for name, read in readers.items()}
    json.dump({"columns": schema.names, "rows": rows}, sys.stdout)


main()
