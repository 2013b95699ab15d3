#!/bin/sh
# Our queries and those of DuckDB, polars and pyarrow on the same file, one after the other.
# Everything goes to the directory named by the first argument (default target/bench); needs python3 and PyPI.
set -eu
cd "$(dirname "$0")/../.."
out=${1:-target/bench}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cargo bench --bench store -- --out "$out"
test -x "$out/venv/bin/python" || python3 -m venv "$out/venv"
"$out/venv/bin/pip" install --quiet --requirement benches/peers/requirements.txt
"$out/venv/bin/python" benches/peers/peers.py "$out/set.parquet" "$out/ours.json"
