"""Every figure of a simulated month, computed again from what `export` gives, in plain SQL by another hand: DuckDB.

CLEARWAY_CONSIGNMENTS=100000 python3 tests/e2e/test_figures.py does so for a large port: minutes, and some GB of memory.
"""
import csv
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

from harness import BUILD, CLEARWAY, PATIENCE, SOURCE as ROOT, RoomTest

MONTH = "2026-10"
ORDERS = ("time", "shuffled", "twice")
CHAINS = {"import": ["ARRIVED", "DISCHARGED", "ACCEPTED", "RELEASED", "GATE_OUT"],
          "export": ["GATE_IN", "ACCEPTED", "RELEASED", "LOADED", "DEPARTED"]}
OVERALL = {"import": ("ARRIVED", "RELEASED"), "export": ("GATE_IN", "RELEASED")}
VARIANTS = ("available", "signed", "clamped", "excluded")
PERCENTILES = {"p10": 10, "p25": 25, "p75": 75, "p90": 90, "p95": 95}
EXACT = {"min", "max", *PERCENTILES}                # order statistics; the median may be a half
MICRO = 10 ** 6
# A booking follows what customs told: those that come before it are refused, so an order of telling shows in these alone.
OF_BOOKINGS = {"INSP_BOOKED", "import.insp-booking", "import.insp-waiting"}


def duckdb():
    """Fetched once from PyPI."""
    folder = subprocess.run([os.path.join(ROOT, "ops", "duckdb")], capture_output=True, text=True, timeout=PATIENCE * 3)
    assert folder.returncode == 0, f"ops/duckdb: {folder.returncode} {folder.stderr}"
    sys.path.insert(0, folder.stdout.strip())
    import duckdb
    return duckdb


CONSIGNMENTS = int(os.environ.get("CLEARWAY_CONSIGNMENTS", "2000"))


class Month:
    """A gateway's data after a simulated month that was told in this order."""

    def __init__(self, folder, order):
        self.folder = folder
        os.mkdir(folder)
        with open(self.path("clearway.yaml"), "w") as file:
            file.write(f'gateway:\n  data: "."\n  schemas: "{ROOT}/schemas"\n  parties: "parties.yaml"\n')
        self.told = subprocess.run([os.path.join(BUILD, "tests", "e2e", "simulated_month"), folder, str(CONSIGNMENTS), order],
                                   capture_output=True, text=True)
        assert self.told.returncode == 0, self.told.stderr[-2000:]
        with open(self.path("export.csv.zst"), "wb") as file:
            file.write(self.ask("export", "--format", "csv.zst"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def ask(self, verb, *arguments):
        done = subprocess.run([CLEARWAY, verb, "--config", self.path("clearway.yaml"), "--data", self.folder, "--month", MONTH, *arguments],
                              capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self):
        return list(csv.DictReader(io.StringIO(self.ask("export", "--format", "csv").decode(), newline="")))


class Recomputed:
    """The same figures from the export alone. Lengths are whole microseconds, and their sums exact."""

    def __init__(self, month):
        self.database = duckdb().connect()
        self.database.execute(f"CREATE TABLE told AS SELECT * FROM read_csv('{month.path('export.csv.zst')}', all_varchar = true)")
        columns = [row[0] for row in self.database.execute("DESCRIBE told").fetchall()]
        self.dimensions = columns[columns.index("doubted") + 1:columns.index("ANNOUNCED")]
        codes = [column for column in columns if column.isupper() and column != "EXCLUDED"]
        moments = ", ".join(f'epoch_us("{code}"::TIMESTAMPTZ) AS "{code}"' for code in codes)
        others = ", ".join(f'"{column}"' for column in columns if column not in codes)
        self.database.execute(f"CREATE TABLE rows AS SELECT {others}, {moments} FROM told")

    def all(self, sql):
        return self.database.execute(sql).fetchall()

    def counts(self, column, direction):
        return dict(self.all(f"SELECT {column}, count(*) FROM rows WHERE direction = '{direction}' AND {column} IS NOT NULL GROUP BY 1"))

    def missing(self, direction, code):
        return self.all(f'SELECT count(*) FROM rows WHERE direction = \'{direction}\' AND excluded IS NULL AND "{code}" IS NULL')[0][0]

    @staticmethod
    def length(direction, start, end, variant):
        """The length and what must hold, in SQL."""
        chain = CHAINS[direction]
        plain = f"{end} - {start}"
        if start not in chain or end not in chain:
            return {"clamped": f"greatest({plain}, 0)"}.get(variant, plain), f"{end} >= {start}" if variant == "excluded" else "true"
        complete = " AND ".join(f"{code} IS NOT NULL" for code in chain)
        ordered = " AND ".join(f"{a} <= {b}" for a, b in zip(chain, chain[1:]))

        def most(code):                       # the latest of the chain up to this one
            return f"greatest({', '.join(chain[:chain.index(code) + 1])})"
        condition = {"available": "true", "signed": complete, "clamped": complete, "excluded": f"{complete} AND {ordered}"}[variant]
        return f"{most(end)} - {most(start)}" if variant == "clamped" else plain, condition

    def figures(self, direction, start, end, variant, by):
        """By value of the dimension; None: of all."""
        length, condition = self.length(direction, start, end, variant)
        group = f'coalesce("{by}", \'\')' if by else "''"
        ranks = ", ".join(f"max(x) FILTER (i = (n * {percent} + 99) // 100) AS {name}" for name, percent in PERCENTILES.items())
        rows = self.database.execute(f"""
            WITH lengths AS (SELECT {group} AS g, {length} AS x FROM rows WHERE direction = '{direction}' AND excluded IS NULL
                             AND {start} IS NOT NULL AND {end} IS NOT NULL AND {condition}),
            ranked AS (SELECT g, x::HUGEINT AS x, row_number() OVER (PARTITION BY g ORDER BY x) AS i,
                       count(*) OVER (PARTITION BY g) AS n FROM lengths)
            SELECT g, any_value(n) AS n, sum(x)::HUGEINT AS sum, min(x) AS min, max(x) AS max, {ranks},
                   sum(x) FILTER (i = (n + 1) // 2) AS low, sum(x) FILTER (i = n // 2 + 1) AS high,
                   sum(x) FILTER (i > n // 20 AND i <= n - n // 20)::HUGEINT AS middle,
                   sum(x * x)::HUGEINT AS squares, exp(avg(ln(x::DOUBLE)) FILTER (x > 0)) AS geometric_mean,
                   count(*) FILTER (x <= 24 * 3600 * {MICRO}::HUGEINT) AS within_24h,
                   count(*) FILTER (x <= 48 * 3600 * {MICRO}::HUGEINT) AS within_48h
            FROM ranked GROUP BY g""")
        names = [column[0] for column in rows.description]
        return {row[0]: self.measures(dict(zip(names, row))) for row in rows.fetchall()}

    @staticmethod
    def measures(row):
        """The quotients, as the database would lose digits of them."""
        n, total = int(row["n"]), int(row["sum"])
        out = {name: int(row[name]) / MICRO for name in EXACT}
        out.update(n=n, mean=total / n / MICRO, median=(int(row["low"]) + int(row["high"])) / 2 / MICRO,
                   trimmed_mean=int(row["middle"]) / (n - 2 * (n // 20)) / MICRO,
                   standard_deviation=math.sqrt(n * int(row["squares"]) - total * total) / n / MICRO,
                   within_24h=row["within_24h"] / n, within_48h=row["within_48h"] / n)
        if row["geometric_mean"] is not None:
            out["geometric_mean"] = row["geometric_mean"] / MICRO
        return out


class Figures(unittest.TestCase):
    """A month of two ports, with late, repeated, missing, corrected, withdrawn and broken messages: told in the order of time, with
    events and answers shuffled, and with everything twice."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="clearway-figures-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.months = {order: Month(os.path.join(cls.folder.name, order), order) for order in ORDERS}
        cls.recomputed = {order: Recomputed(month) for order, month in cls.months.items()}

    def compare(self, told, expected, where):
        if not expected:
            self.assertEqual((told["n"], "mean" in told), (0, False), where)
            return 0
        self.assertEqual(set(expected), set(told) - {"share"}, where)
        for name, value in expected.items():
            if name in EXACT or name in ("n", "median"):
                self.assertEqual(told[name], value, (where, name))
            else:
                self.assertTrue(math.isclose(told[name], value, rel_tol=1e-12, abs_tol=1e-9), (where, name, told[name], value))
        return len(expected)

    def compare_by(self, direction, report, recomputed, by):
        """All groups of a dimension, and with None the whole."""
        groups = {"": report} if by is None else {group["value"]: group for group in report["groups"]}
        spans = [(segment["name"], segment["from"], segment["to"]) for segment in report["segments"]]
        spans.append(("total", CHAINS[direction][0], CHAINS[direction][-1]))
        figures = 0
        for name, start, end in spans:
            for variant in VARIANTS:
                expected = recomputed.figures(direction, start, end, variant, by)
                self.assertLessEqual(set(expected), set(groups), (direction, by, name))
                for value, group in groups.items():
                    told = group["total"] if name == "total" else next(row for row in group["segments"] if row["name"] == name)
                    figures += self.compare(told[variant], expected.get(value), (direction, by, value, name, variant))
        expected = recomputed.figures(direction, *OVERALL[direction], "available", by)
        for value, group in groups.items():
            told = {name: figure for name, figure in group["overall"].items() if name not in ("from", "to", "base", "target", "previous", "previous_year")}
            figures += self.compare(told, expected.get(value), (direction, by, value, "overall"))
        return figures

    def compare_counts(self, direction, report, recomputed):
        self.assertEqual({row["code"]: row["n"] for row in report["excluded"] if row["n"]}, recomputed.counts("excluded", direction))
        for row in report["coverage"]:
            self.assertEqual(row["missing"], recomputed.missing(direction, row["milestone"]), row)

    def test_every_figure(self):
        for order, month in self.months.items():
            recomputed = self.recomputed[order]
            self.assertGreater(len(recomputed.dimensions), 5)
            figures = 0
            for by in recomputed.dimensions if order == "time" else recomputed.dimensions[:2]:     # the rows are the same
                report = json.loads(month.ask("report", "--json", "--by", by))
                for direction in CHAINS:
                    figures += self.compare_by(direction, report[direction], recomputed, by)
                    if by == recomputed.dimensions[0]:
                        figures += self.compare_by(direction, report[direction], recomputed, None)
                        self.compare_counts(direction, report[direction], recomputed)
            self.assertGreater(figures, 2000, order)

    def test_orders_tell_the_same_month(self):
        rows = {order: sorted(([value for column, value in row.items() if column not in OF_BOOKINGS] for row in month.rows()))
                for order, month in self.months.items()}
        self.assertGreater(len(rows["time"]), CONSIGNMENTS / 2)
        for order in ORDERS[1:]:
            self.assertEqual(len(rows[order]), len(rows["time"]), order)
            for told, expected in zip(rows[order], rows["time"]):
                self.assertEqual(told, expected, order)

    def test_lengths_are_those_of_the_moments(self):
        recomputed = self.recomputed["time"]
        for name, start, end in (("import.customs", "ACCEPTED", "RELEASED"), ("export.unberthing", "LOADED", "DEPARTED")):
            direction = name.split(".")[0]
            self.assertEqual(recomputed.all(f"SELECT count(*) FROM rows WHERE direction = '{direction}' AND {end} - {start} IS DISTINCT FROM"
                                            f' ("{name}"::DECIMAL(28, 9) * {MICRO})::BIGINT'), [(0,)], name)

    def test_read_as_it_is(self):
        """By its name alone: types, times and columns are found, and the definitions stand in it."""
        kinds = {row[0]: row[1] for row in self.recomputed["time"].all(f"DESCRIBE SELECT * FROM '{self.months['time'].path('export.csv.zst')}'")}
        self.assertEqual((kinds["RELEASED"], kinds["import.customs"], kinds["complete"]), ("TIMESTAMP WITH TIME ZONE", "DOUBLE", "BOOLEAN"))
        told = self.recomputed["time"].all("SELECT DISTINCT direction, definition, definitions FROM rows ORDER BY 1")
        self.assertEqual([row[0] for row in told], ["export", "import"])
        self.assertIn("chain=ARRIVED>DISCHARGED>ACCEPTED>RELEASED>GATE_OUT", told[1][2])

    def test_csv_tells_what_json_tells(self):
        report = json.loads(self.months["time"].ask("report", "--format", "json"))
        rows = list(csv.DictReader(io.StringIO(self.months["time"].ask("report", "--format", "csv").decode(), newline="")))
        for row in rows:
            direction = report[row["direction"]]
            if row["segment"] in ("total", "overall"):
                told = direction[row["segment"]]
            else:
                told = next(segment for segment in direction["segments"] if segment["name"] == row["segment"])
            figures = told if row["segment"] == "overall" else told[row["variant"]]
            for name in ("n", "mean", "p90", "standard_deviation", "share"):
                self.assertEqual(float(row[name]) if row[name] else None, figures.get(name), row)


class Asking(RoomTest):
    """Who may ask, in which form, and what is no question."""

    def test_export_is_the_operators(self):
        office = self.room.party("OFC-QD")
        self.assertEqual(office.get("/v1/export?month=2026-10").status, 404)
        told = self.room.here("export", "--month", "2026-10", "--as", "OFC-QD", code=77)
        self.assertEqual(told.stdout, "")

    def test_forms(self):
        self.room.here("export", "--month", "2026-10", "--json", code=2)
        self.room.here("report", "--month", "2026-10", "--format", "pdf", code=2)
        self.room.here("report", "--month", "2026-10", code=3)            # nothing was released yet

    def test_periods(self):
        office = self.room.party("OFC-QD")
        for query, status in (("month=2026-10", 404), ("from=2026-10-01&to=2026-10-31", 404), ("", 400),
                              ("from=2026-10-01", 400), ("from=2026-10-02&to=2026-10-01", 400), ("from=x&to=y", 400),
                              ("month=2026-10&from=2026-10-01&to=2026-10-02", 400), ("month=2026-10&by=weather", 400),
                              ("month=2026-10&between=ARRIVED:NOWHERE", 400), ("month=2026-10&between=ARRIVED:RELEASED", 404)):
            self.assertEqual(office.get("/v1/report?" + query).status, status, query)
        self.room.here("report", "--from", "2026-10-01", code=2)
        self.room.here("report", "--from", "2026-10-01", "--to", "2026-10-31", code=3)


if __name__ == "__main__":
    unittest.main()
