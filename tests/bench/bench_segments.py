#!/usr/bin/python3
"""Exact median and p90 of ten million segments by month, segment and mode, from our columns and by DuckDB on one thread.

    bench_segments.py

Each has its own files, in the page cache, and opens them anew each time; both must say the same. DuckDB is fetched once
(ops/duckdb). The ratio is that of processor time, of the quickest of the runs, which take turns.
"""
import csv
import io
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("CLEARWAY_BUILD", os.path.join(ROOT, "build"))
SEGMENTS = 8
QUERY = """SELECT month, segment, mode, count(*), quantile_disc(length, 0.5), quantile_disc(length, 0.9)
           FROM segments GROUP BY month, segment, mode ORDER BY month, segment, mode"""


def duckdb():
    sys.path.insert(0, subprocess.run([os.path.join(ROOT, "ops", "duckdb")], capture_output=True, text=True, check=True).stdout.strip())
    import duckdb
    return duckdb


def run(folder, what):
    return subprocess.run([os.path.join(BUILD, "tests", "bench", "segments"), folder, what], capture_output=True, text=True, check=True)


def load(engine, path, told):
    """One row a segment, in the narrowest types."""
    lengths = ", ".join(f"'l{i}': 'BIGINT'" for i in range(SEGMENTS))
    with engine.connect(path) as database:
        database.execute(f"""CREATE TABLE told AS SELECT * FROM read_csv('{told}', header = false,
            columns = {{'month': 'UTINYINT', 'mode': 'UTINYINT', {lengths}}})""")
        database.execute("CREATE TABLE segments(month UTINYINT, segment UTINYINT, mode UTINYINT, length BIGINT)")
        for i in range(SEGMENTS):
            database.execute(f"INSERT INTO segments SELECT month, {i}, mode, l{i} FROM told")
        database.execute("DROP TABLE told")
        database.execute("CHECKPOINT")


def ask_duckdb(engine, path):
    began = time.process_time()
    with engine.connect(path, read_only=True) as database:
        database.execute("SET threads = 1")
        rows = database.execute(QUERY).fetchall()
    return (time.process_time() - began) * 1e3, rows


def main():
    engine = duckdb()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        run(folder, "prepare")
        path = os.path.join(folder, "segments.duckdb")
        load(engine, path, os.path.join(folder, "told.csv"))
        for _ in range(3):
            took, rows = ask_duckdb(engine, path)
            theirs.append(took)
            asked = run(folder, "ask")
            ours += [float(line) for line in asked.stderr.split()]
            mine = sorted(tuple(int(value) for value in row) for row in csv.reader(io.StringIO(asked.stdout)))
            assert mine == rows, "the figures differ"
    count = sum(row[3] for row in rows)
    print(f"median and p90 of {count} segments in {len(rows)} groups: {min(ours):.0f} ms from columns, {min(theirs):.0f} ms by DuckDB on one"
          f" thread: {min(theirs) / min(ours):.1f} times as quick")


if __name__ == "__main__":
    main()
