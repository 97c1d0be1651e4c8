"""Every figure of a simulated month, computed again from what `export` gives, in plain SQL by another hand: DuckDB.

What the report says as JSON is taken apart into its numbers, and so is what is recomputed: neither may have one that the other has not,
but for those that UNCOUNTED names with the reason. CLEARWAY_CONSIGNMENTS=100000 python3 tests/e2e/test_figures.py does so for a large
port: most of an hour, and 12 GB below TMPDIR.
"""
import codecs
import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from functools import cache

from harness import BUILD, CLEARWAY, PATIENCE, SOURCE as ROOT, RoomTest

MONTH = "2026-10"
# In the simulated state.db there is something of each: the month itself, the one before, and that of the year before.
PERIODS = {"now": "2026-10", "previous": "2026-09", "previous_year": "2025-10"}
ORDERS = ("time", "shuffled", "twice")
CHAINS = {"import": ["ARRIVED", "DISCHARGED", "ACCEPTED", "RELEASED", "GATE_OUT"],
          "export": ["GATE_IN", "ACCEPTED", "RELEASED", "LOADED", "DEPARTED"]}
OVERALL = {"import": ("ARRIVED", "RELEASED"), "export": ("GATE_IN", "RELEASED")}
VARIANTS = ("available", "signed", "clamped", "excluded")
PERCENTILES = {"p10": 10, "p25": 25, "p75": 75, "p90": 90, "p95": 95}
EXACT = {"min", "max", *PERCENTILES}                # order statistics; the median may be a half
MICRO = 10 ** 6
UNCOUNTED = {  # what the report says in numbers that are no figures of declarations
    r"definition/(number|record)": "which definition it is",
    r"snapshots/\d+/(number|record)": "which snapshots there are: test_closing.py has months that are closed",
    r"(import|export)/(groups/[^/]*/)?overall/(base|target)/hours": "it stands in schemas/segments, and is compared with it there",
}
# Not asked here: `unit` container and TEU, and `by` a field, since the export has one row a declaration, without containers and fields
# (scenario report_units); `revision`, since nothing is closed here (test_closing.py).
LISTED_BY = {"segments": "name", "excluded": "code", "doubted": "code", "coverage": "milestone", "held_by": "from", "dimensions": "by",
             "groups": "value", "snapshots": "number"}
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


def shanghai(day):
    return int(datetime.fromisoformat(day).replace(tzinfo=timezone(timedelta(hours=8))).timestamp()) * MICRO


def month_of(name):
    """Its first moment, and that of the next, in microseconds."""
    year, month = map(int, name.split("-"))
    return shanghai(f"{name}-01"), shanghai(f"{year + month // 12}-{month % 12 + 1:02}-01")


def numbers(told, path=""):
    """Each number of an answer by where it stands; what is listed stands there by its name."""
    if isinstance(told, dict):
        for name, value in told.items():
            yield from numbers(value, f"{path}/{name}" if path else name)
    elif isinstance(told, list):
        listed = path.rsplit("/", 1)[-1]
        for row in told:
            if isinstance(row, dict):
                name = f"{row['role']}:{row['party']}" if listed == "whose" else row[LISTED_BY[listed]]
                yield from numbers(row, f"{path}/{name}")
    elif isinstance(told, (int, float, Fraction)) and not isinstance(told, bool):
        yield path, told


class Definition:
    """What is needed of schemas/segments, and of the parties."""

    def __init__(self, parties):
        with open(os.path.join(ROOT, "schemas", "segments"), encoding="utf-8") as file:
            text = file.read()
        self.segments = {direction: [(name, start, end) for side, name, start, end in
                                     re.findall(r"^segment (\w+) +([\w-]+) +(\w+) +(\w+)", text, re.M) if side == direction] for direction in CHAINS}
        self.marks = {kind: re.findall(rf"^{word} +(\w+)", text, re.M) for kind, word in (("excluded", "exclude"), ("doubted", "doubt"))}
        self.tellers = {block.split()[0]: roles.split() for block in text.split("\nmilestone ")[1:]
                        for roles in re.findall(r"^  told by (.+)", block, re.M)}
        self.against = {direction: dict(zip(("base", "target"), map(Fraction, re.search(
            rf"^overall {direction} .* base ([\d.]+) .* target ([\d.]+)", text, re.M).groups()))) for direction in CHAINS}
        with open(parties, encoding="utf-8") as file:
            rows = file.read().split("  - code: ")[1:]
        self.roles = {row.split()[0]: re.search(r"roles: \[(.*)\]", row).group(1).split(", ") for row in rows}
        self.ports = {row.split()[0]: set(re.findall(r'"(\w+)"', " ".join(re.findall(r"(?:reports|serves): \[(.*)\]", row)))) for row in rows}

    def owner(self, milestone, tellers):
        """Whose telling it was, as "role:party": of who told something of these goods, or is the only one there."""
        port, *parties = tellers.split(" ")
        roles = self.tellers[milestone]
        told = [(role, party) for role in roles for party in parties if role in self.roles.get(party, ())]
        there = {role: [party for party, own in self.roles.items() if role in own and port in self.ports[party]] for role in roles}
        only = [(role, those[0]) for role, those in there.items() if len(those) == 1]
        return ":".join((told + only + [(roles[0], "")])[0])


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
        self.definition = Definition(self.path("parties.yaml"))
        for period, month in PERIODS.items():
            with open(self.path(f"{period}.csv.zst"), "wb") as file:
                file.write(self.ask("export", "--format", "csv.zst", "--month", month))

    def path(self, name):
        return os.path.join(self.folder, name)

    def ask(self, verb, *arguments):
        days = () if "--month" in arguments or "--from" in arguments else ("--month", MONTH)
        done = subprocess.run([CLEARWAY, verb, "--config", self.path("clearway.yaml"), "--data", self.folder, *days, *arguments],
                              capture_output=True)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def rows(self):
        return list(csv.DictReader(io.StringIO(self.ask("export", "--format", "csv").decode(), newline="")))


class Recomputed:
    """The same figures from the export alone. Lengths are whole microseconds, and their sums exact."""

    def __init__(self, month):
        self.definition = month.definition
        self.database = duckdb().connect()
        for period in PERIODS:
            self.database.execute(f"CREATE TABLE told AS SELECT * FROM read_csv('{month.path(period)}.csv.zst', all_varchar = true)")
            columns = [row[0] for row in self.database.execute("DESCRIBE told").fetchall()]
            self.dimensions = columns[columns.index("doubted") + 1:columns.index("ANNOUNCED")]
            codes = [column for column in columns if column.isupper() and column != "EXCLUDED"]
            moments = ", ".join(f'epoch_us("{code}"::TIMESTAMPTZ) AS "{code}"' for code in codes)
            others = ", ".join(f'"{column}"' for column in columns if column not in codes)
            self.database.execute(f"CREATE TABLE {period} AS SELECT {others}, {moments} FROM told")
            self.database.execute("DROP TABLE told")

    def all(self, sql):
        return self.database.execute(sql).fetchall()

    @staticmethod
    def counted(direction):
        return f"direction = '{direction}' AND excluded IS NULL"

    @staticmethod
    def group(by):
        """What declarations are told apart by, in SQL."""
        if by and by.startswith("mode:"):
            return f"CASE WHEN list_contains(string_split(mode, '+'), '{by[5:]}') THEN 'yes' ELSE 'no' END"
        return f"coalesce(\"{by}\", '')" if by else "''"

    @staticmethod
    def length(direction, start, end, variant):
        """The length and what must hold, in SQL."""
        chain = CHAINS[direction]
        plain = f"{end} - {start}"
        if start not in chain or end not in chain:
            return {"clamped": f"greatest({plain}, 0)"}.get(variant, plain), f"{end} >= {start}" if variant == "excluded" else "true"
        complete, ordered = Recomputed.chained(direction)

        def most(code):                       # the latest of the chain up to this one
            return f"greatest({', '.join(chain[:chain.index(code) + 1])})"
        condition = {"available": "true", "signed": complete, "clamped": complete, "excluded": f"{complete} AND {ordered}"}[variant]
        return f"{most(end)} - {most(start)}" if variant == "clamped" else plain, condition

    @staticmethod
    def chained(direction):
        chain = CHAINS[direction]
        return " AND ".join(f"{code} IS NOT NULL" for code in chain), " AND ".join(f"{a} <= {b}" for a, b in zip(chain, chain[1:]))

    def figures(self, direction, start, end, variant, by, period="now"):
        """By value of the dimension; of all where there is none."""
        length, condition = self.length(direction, start, end, variant)
        ranks = ", ".join(f"max(x) FILTER (i = (n * {percent} + 99) // 100) AS {name}" for name, percent in PERCENTILES.items())
        rows = self.database.execute(f"""
            WITH lengths AS (SELECT {self.group(by)} AS g, {length} AS x FROM {period} WHERE {self.counted(direction)}
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

    # --- a group, by all that is told of it

    def groups(self, direction, by):
        """As the report tells them; of all as ""."""
        complete, ordered = self.chained(direction)
        out = {value: {"population": n, "complete": whole, "in_order": straight, "segments": {}, "total": {}} for value, n, whole, straight in self.all(
            f"SELECT {self.group(by)}, count(*), count(*) FILTER ({complete}), count(*) FILTER ({complete} AND {ordered}) FROM now"
            f" WHERE {self.counted(direction)} GROUP BY 1")}
        chain = CHAINS[direction]
        for variant in VARIANTS:
            totals = self.figures(direction, chain[0], chain[-1], variant, by)
            for value, group in out.items():
                group["total"][variant] = totals.get(value, {"n": 0})
            for name, start, end in self.definition.segments[direction]:
                figures = self.figures(direction, start, end, variant, by)
                is_part = start in chain and end in chain and variant != "available"
                for value, group in out.items():
                    told = figures.get(value, {"n": 0})
                    share = {"share": told["mean"] / totals[value]["mean"]} if is_part and told["n"] else {}
                    group["segments"].setdefault(name, {})[variant] = told | share
        overall = {period: self.figures(direction, *OVERALL[direction], "available", by, period) for period in PERIODS}
        for value, group in out.items():
            group["overall"] = self.overall(direction, {period: figures.get(value, {"n": 0}) for period, figures in overall.items()})
        return out

    def overall(self, direction, by_period):
        now = by_period["now"]
        out = dict(now)
        for name, hours in self.definition.against[direction].items():
            out[name] = {"change": float(Fraction(now["mean"]) / (hours * 3600) - 1)} if now["n"] else {}
        for period in ("previous", "previous_year"):
            then = by_period[period]
            out[period] = {name: then[name] for name in ("n", "mean") if name in then}
            if now["n"] and then["n"]:
                out[period]["change"] = now["mean"] / then["mean"] - 1
        return out

    # --- what is told beside

    def beside(self, direction):
        excluded = dict(self.all(f"SELECT excluded, count(*) FROM now WHERE direction = '{direction}' AND excluded IS NOT NULL GROUP BY 1"))
        doubted = dict(self.all(f"SELECT unnest(string_split(doubted, '+')), count(*) FROM now WHERE {self.counted(direction)} GROUP BY 1"))
        told = {"excluded": excluded, "doubted": doubted}
        return {kind: {code: {"n": told[kind].get(code, 0)} for code in codes} for kind, codes in self.definition.marks.items()}

    def coverage(self, direction):
        out, everyone = {}, self.all(f"SELECT count(*) FROM now WHERE {self.counted(direction)}")[0][0]
        for code in CHAINS[direction]:
            rows = self.all(f"SELECT tellers, count(*), count(*) - count({code}) FROM now WHERE {self.counted(direction)} GROUP BY 1")
            whose = {}
            for tellers, of, missing in rows:
                owner = whose.setdefault(self.definition.owner(code, tellers), {"missing": 0, "of": 0})
                owner["missing"] += missing
                owner["of"] += of
            out[code] = {"missing": sum(owner["missing"] for owner in whose.values()), "declarations": everyone,
                         "whose": {name: owner for name, owner in whose.items() if owner["missing"]}}
        return out

    def slowest(self, direction):
        chain = CHAINS[direction]
        steps = [f"{end} - {start}" for start, end in zip(chain, chain[1:])]
        rows = self.all(f"SELECT {chain[-1]} - {chain[0]}, {', '.join(steps)} FROM now WHERE {self.counted(direction)} AND {self.chained(direction)[0]}"
                        f" ORDER BY 1 DESC, RELEASED, {', '.join(f'{place} DESC' for place in range(2, len(chain) + 1))}")
        means = [Fraction(sum(row[place] for row in rows), len(rows)) for place in range(1, len(chain))]
        slow = rows[:(len(rows) + 19) // 20]
        held = dict.fromkeys(chain[:-1], 0)
        for row in slow:
            over = [length - mean for length, mean in zip(row[1:], means)]
            held[chain[over.index(max(over))]] += 1
        return {"n": len(slow), "from": slow[-1][0] / MICRO, "held_by": {start: {"n": n} for start, n in held.items()}}

    # --- why it changed

    def sums(self, direction, length, period, by=None):
        """Of complete chains: n and the sum of lengths, by value."""
        return {value: (n, int(total)) for value, n, total in self.all(
            f"SELECT {self.group(by)}, count(*), sum({length})::HUGEINT FROM {period} WHERE {self.counted(direction)} AND {self.chained(direction)[0]} GROUP BY 1")}

    def change(self, direction, before):
        """The steps of the overall time, and each dimension taken apart, exactly."""
        chain = CHAINS[direction]
        first, last = (chain.index(code) for code in OVERALL[direction])
        whole = f"{chain[last]} - {chain[first]}"
        means, counts = [], []
        for period in (before, "now"):
            n, total = self.sums(direction, whole, period)[""]
            counts.append(n)
            means.append(Fraction(total, n * MICRO))
        changed = means[1] - means[0]
        out = {"n_then": counts[0], "n_now": counts[1], "mean_then": means[0], "mean_now": means[1], "segments": {}, "dimensions": {}}
        names = {(start, end): name for name, start, end in self.definition.segments[direction]}
        for start, end in zip(chain[first:last], chain[first + 1:last + 1]):
            then, now = (Fraction(total, n * MICRO) for n, total in (self.sums(direction, f"{end} - {start}", period)[""] for period in (before, "now")))
            out["segments"][names[start, end]] = {"mean_then": then, "mean_now": now, "change": now - then, "share": (now - then) / changed}
        for by in self.dimensions:
            then, now = (self.sums(direction, whole, period, by) for period in (before, "now"))
            within = mix = Fraction(0)
            for value in then.keys() | now.keys():
                shares = [Fraction(sums.get(value, (0, 0))[0], n) for sums, n in ((then, counts[0]), (now, counts[1]))]
                of = [Fraction(sums[value][1], sums[value][0] * MICRO) if value in sums else None for sums in (then, now)]
                of = [of[0] if of[0] is not None else of[1], of[1] if of[1] is not None else of[0]]
                within += (shares[0] + shares[1]) / 2 * (of[1] - of[0])
                mix += (of[0] + of[1]) / 2 * (shares[1] - shares[0])
            assert within + mix == changed
            out["dimensions"][by] = {"within": within, "mix": mix}
        return out

    @cache
    def whole(self, direction):
        """What is told of all declarations, whatever groups are asked for."""
        of = self.groups(direction, None)[""] | self.beside(direction)
        return of | {"declarations": of["population"], "coverage": self.coverage(direction), "slowest": self.slowest(direction)}

    def report(self, by, compare=None):
        """All numbers of the answer, as the answer has them."""
        out = {}
        for direction in CHAINS:
            out[direction] = dict(self.whole(direction))
            if by:
                out[direction]["groups"] = self.groups(direction, by)
            if compare:
                out[direction]["why"] = self.change(direction, compare)
        return dict(numbers(out))


def is_exact(path):
    """Counts and what stands at a rank are told to the last digit; the median may be a half."""
    name = path.rsplit("/", 1)[-1]
    return name in EXACT or name in ("n", "median", "n_then", "n_now", "missing", "population", "complete", "in_order", "declarations", "from")


class Figures(unittest.TestCase):
    """A month of two ports, with late, repeated, missing, corrected, withdrawn and broken messages: told in the order of time, with
    events and answers shuffled, and with everything twice."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="clearway-figures-")
        cls.addClassCleanup(cls.folder.cleanup)
        with ThreadPoolExecutor() as pool:
            cls.months = dict(zip(ORDERS, pool.map(lambda order: Month(os.path.join(cls.folder.name, order), order), ORDERS)))
        cls.recomputed = {order: Recomputed(month) for order, month in cls.months.items()}

    def compare(self, told, expected, where):
        """Each number of the answer is recomputed, and each that is recomputed is told."""
        told = {path: value for path, value in numbers(told) if not any(re.fullmatch(reason, path) for reason in UNCOUNTED)}
        self.assertEqual((sorted(told.keys() - expected.keys()), sorted(expected.keys() - told.keys())), ([], []), (where, "a figure that is not recomputed, or not told"))
        for path, value in expected.items():
            if is_exact(path):
                self.assertEqual(told[path], value, (where, path))
            else:
                self.assertTrue(math.isclose(told[path], value, rel_tol=1e-12, abs_tol=1e-9), (where, path, told[path], float(value)))
        return len(expected)

    def ask(self, order, *arguments):
        return json.loads(self.months[order].ask("report", "--json", *arguments))

    def test_every_figure(self):
        for order in ORDERS:
            recomputed = self.recomputed[order]
            self.assertGreater(len(recomputed.dimensions), 5)
            self.assertGreater(len(recomputed.all("SELECT DISTINCT commodity FROM now")), 1)
            figures = 0
            for by in (*recomputed.dimensions, "mode:two-step") if order == "time" else recomputed.dimensions[:2]:     # the rows are the same
                figures += self.compare(self.ask(order, "--by", by), recomputed.report(by), (order, by))
            self.assertGreater(figures, 2000, order)

    def test_every_figure_of_a_comparison(self):
        for order in ORDERS[:2]:
            for before in ("previous", "previous_year"):
                told = self.ask(order, "--compare", before)
                self.assertGreater(self.compare(told, self.recomputed[order].report(None, before), (order, before)), 500)

    def test_what_is_held_against_is_that_of_the_text(self):
        told = self.ask("time")
        for direction, against in self.months["time"].definition.against.items():
            for name, hours in against.items():
                self.assertEqual(Fraction(str(told[direction]["overall"][name]["hours"])), hours)

    def test_a_figure_that_is_new_is_missed(self):
        told, expected = self.ask("time"), self.recomputed["time"].report(None)
        told["import"]["segments"][0]["signed"]["mode"] = 1
        with self.assertRaisesRegex(AssertionError, "import/segments/discharge/signed/mode"):
            self.compare(told, expected, "a new measure")

    def test_somebody_did_not_tell(self):
        """Of each port its terminal, by name: it is they who forget to tell the discharge, and the loading."""
        for direction, code in (("import", "DISCHARGED"), ("export", "LOADED")):
            told = next(row for row in self.ask("time")[direction]["coverage"] if row["milestone"] == code)
            self.assertEqual({(row["role"], row["party"][:4]) for row in told["whose"]}, {("terminal", "TML-")})
            for row in told["whose"]:     # case 687: it was not told of how many each should have told it
                self.assertTrue(0 < row["missing"] < row["of"] < told["declarations"], row)

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
            self.assertEqual(recomputed.all(f"SELECT count(*) FROM now WHERE direction = '{direction}' AND {end} - {start} IS DISTINCT FROM"
                                            f' ("{name}"::DECIMAL(28, 9) * {MICRO})::BIGINT'), [(0,)], name)

    def test_read_as_it_is(self):
        """By its name alone: types, times and columns are found, and the definitions stand in it."""
        kinds = {row[0]: row[1] for row in self.recomputed["time"].all(f"DESCRIBE SELECT * FROM '{self.months['time'].path('now.csv.zst')}'")}
        self.assertEqual((kinds["RELEASED"], kinds["import.customs"], kinds["complete"]), ("TIMESTAMP WITH TIME ZONE", "DOUBLE", "BOOLEAN"))
        told = self.recomputed["time"].all("SELECT DISTINCT direction, definition, definitions FROM now ORDER BY 1")
        self.assertEqual([row[0] for row in told], ["export", "import"])
        self.assertIn("chain=ARRIVED>DISCHARGED>ACCEPTED>RELEASED>GATE_OUT", told[1][2])

    def test_read_with_its_mark(self):
        """case 678: a table with Chinese in it begins with a byte order mark, which a database passes over."""
        month = self.months["time"]
        told = month.ask("report", "--format", "csv", "--by", "field:trader_name")
        self.assertTrue(told.startswith(codecs.BOM_UTF8))
        self.assertFalse(month.ask("report", "--format", "csv").startswith(codecs.BOM_UTF8))
        with open(month.path("traders.csv"), "wb") as file:
            file.write(told)
        rows = self.recomputed["time"].all(f"SELECT DISTINCT direction FROM '{month.path('traders.csv')}' WHERE trader_name LIKE '%有限公司'")
        self.assertEqual({row[0] for row in rows}, set(CHAINS))

    def table(self, name, *arguments):
        told = self.months["time"].ask("report", "--format", "csv", "--table", name, *arguments).decode()
        return list(csv.DictReader(io.StringIO(told, newline="")))

    def test_csv_tells_what_json_tells(self):
        """Each of its tables, row by row and number by number."""
        report = self.ask("time", "--compare", "previous")
        for row in self.table("figures"):
            direction = report[row["direction"]]
            if row["segment"] in ("total", "overall"):
                told = direction[row["segment"]]
            else:
                told = next(segment for segment in direction["segments"] if segment["name"] == row["segment"])
            figures = told if row["segment"] == "overall" else told[row["variant"]]
            for name in ("n", "mean", "median", *EXACT, "standard_deviation", "geometric_mean", "trimmed_mean", "within_24h", "within_48h", "share"):
                self.assertEqual(float(row[name]) if row[name] else None, figures.get(name), row)
        self.assertEqual([(row["direction"], row["kind"], row["code"], int(row["declarations"])) for row in sorted(self.table("beside"), key=str)],
                         [(direction, kind, mark["code"], mark["n"]) for direction, kind, mark in sorted(
                             ((direction, kind, mark) for direction in CHAINS for kind in ("excluded", "doubted") for mark in report[direction][kind]),
                             key=lambda row: str({"direction": row[0], "kind": row[1], "code": row[2]["code"], "declarations": str(row[2]["n"])}))])
        self.assertEqual([(row["direction"], row["milestone"], row["role"], row["party"], int(row["missing"]), int(row["of"]), int(row["declarations"]))
                          for row in self.table("coverage")],
                         [(direction, row["milestone"], owner["role"], owner["party"], owner["missing"], owner["of"], row["declarations"])
                          for direction in CHAINS for row in report[direction]["coverage"]
                          for owner in row["whose"] or [{"role": "", "party": "", "missing": 0, "of": row["declarations"]}]])
        self.assertEqual([(row["direction"], row["from"], int(row["n"]), int(row["of"]), float(row["took_from"])) for row in self.table("slowest")],
                         [(direction, row["from"], row["n"], report[direction]["slowest"]["n"], report[direction]["slowest"]["from"])
                          for direction in CHAINS for row in report[direction]["slowest"]["held_by"]])
        changes = {(row["direction"], row["part"], row["name"], row["of"]): float(row["change"]) for row in self.table("change", "--compare", "previous")}
        for direction in CHAINS:
            why = report[direction]["why"]
            for step in why["segments"]:
                self.assertEqual(changes[direction, "segment", step["name"], ""], step["change"])
            for split in why["dimensions"]:
                self.assertEqual((changes[direction, "dimension", split["by"], "within"], changes[direction, "dimension", split["by"], "mix"]),
                                 (split["within"], split["mix"]))


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
