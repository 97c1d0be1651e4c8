"""Every figure of a month, computed again from what `export` gives, in plain SQL by another hand."""
import csv
import io
import json
import math
import os
import random
import sqlite3
import unittest
from datetime import datetime

from harness import BUILD, PATIENCE, RoomTest

MANY = 2000
MONTH = "2026-10"
CHAINS = {"import": ["ARRIVED", "DISCHARGED", "ACCEPTED", "RELEASED", "GATE_OUT"],
          "export": ["GATE_IN", "ACCEPTED", "RELEASED", "LOADED", "DEPARTED"]}
OVERALL = {"import": ("ARRIVED", "RELEASED"), "export": ("GATE_IN", "RELEASED")}
PERCENTILES = {"p10": 10, "p25": 25, "p75": 75, "p90": 90, "p95": 95}
SECOND = 10 ** 9


def nanoseconds(moment):
    """Exactly: datetime itself ends at microseconds."""
    if not moment:
        return None
    day, rest = moment[:19], moment[19:]
    fraction, zone = rest[1:].split("+")
    whole = int(datetime.fromisoformat(f"{day}+{zone}").timestamp())
    return whole * SECOND + int(fraction.ljust(9, "0"))


class Figures(RoomTest):
    """The month is rows of state.db: moments to the nanosecond, a tenth of them missing, some before those they follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.room.stop()
        year, month = MONTH.split("-")
        filled = cls.room.run(os.path.join(BUILD, "tests", "e2e", "large_month"), cls.room.world.data, year, month, str(MANY))
        assert filled.wait(PATIENCE) == 0
        cls.shake()
        cls.rows = list(csv.DictReader(io.StringIO(cls.ask("export", "--format", "csv"), newline="")))
        cls.database = cls.load()

    @classmethod
    def shake(cls):
        chance = random.Random(20261010)
        database = sqlite3.connect(os.path.join(cls.room.world.data, "state.db"))
        for subject, code in database.execute("SELECT subject, code FROM milestones WHERE code <> 'RELEASED'").fetchall():
            if chance.random() < 0.1:
                database.execute("DELETE FROM milestones WHERE subject = ? AND code = ?", (subject, code))
            else:
                off = chance.randrange(-30 * 3600 * SECOND, 30 * 3600 * SECOND)
                database.execute("UPDATE milestones SET first = first + ?, last = last + ? WHERE subject = ? AND code = ?",
                                 (off, off, subject, code))
        for (key,) in database.execute("SELECT key FROM declarations").fetchall():
            database.execute("UPDATE declarations SET office = ?, selected_at = ? WHERE key = ?",
                             (chance.choice(["4218", "4227", "4258"]), chance.choice([None, 1]), key))
        database.commit()
        database.close()

    @classmethod
    def ask(cls, verb, *arguments):
        return cls.room.here(verb, "--month", MONTH, *arguments, code=0).stdout

    @classmethod
    def load(cls):
        database = sqlite3.connect(":memory:")
        moments = CHAINS["import"] + [code for code in CHAINS["export"] if code not in CHAINS["import"]]
        columns = ["direction", "declaration", "office", "inspected"] + moments
        database.execute(f"CREATE TABLE export ({', '.join(columns)})")
        for row in cls.rows:
            values = [row[column] if column not in moments else nanoseconds(row[column]) for column in columns]
            database.execute(f"INSERT INTO export VALUES({', '.join('?' * len(columns))})", values)
        return database

    def lengths(self, direction, start, end, variant, where):
        chain = CHAINS[direction]
        complete = " AND ".join(f"{code} IS NOT NULL" for code in chain)
        ordered = " AND ".join(f"{a} <= {b}" for a, b in zip(chain, chain[1:]))

        def most(code):                       # the latest of the chain up to this one
            before = chain[:chain.index(code) + 1]
            return before[0] if len(before) == 1 else f"max({', '.join(before)})"
        length = f"{most(end)} - {most(start)}" if variant == "clamped" else f"{end} - {start}"
        condition = {"available": "1", "signed": complete, "clamped": complete, "excluded": f"{complete} AND {ordered}"}[variant]
        sql = (f"SELECT {length} AS length FROM export WHERE direction = ? AND {start} IS NOT NULL AND {end} IS NOT NULL"
               f" AND {condition} AND {where} ORDER BY length")
        return [length for (length,) in self.database.execute(sql, (direction,))]

    def expected(self, lengths):
        n, trim = len(lengths), len(lengths) // 20
        mean = math.fsum(lengths) / n
        positive = [length for length in lengths if length > 0]
        middle = lengths[trim:n - trim]
        expected = {"mean": sum(lengths) / n, "median": (lengths[(n - 1) // 2] + lengths[n // 2]) / 2, "min": lengths[0],
                    "max": lengths[-1], "trimmed_mean": sum(middle) / len(middle),
                    "standard_deviation": math.sqrt(math.fsum((length - mean) ** 2 for length in lengths) / n)}
        if positive:
            expected["geometric_mean"] = math.exp(math.fsum(map(math.log, positive)) / len(positive))
        for name, percent in PERCENTILES.items():
            expected[name] = lengths[-(-percent * n // 100) - 1]
        expected = {name: value / SECOND for name, value in expected.items()}
        for hours in (24, 48):
            expected[f"within_{hours}h"] = sum(length <= hours * 3600 * SECOND for length in lengths) / n
        return expected

    def compare(self, told, lengths, where):
        self.assertEqual(told["n"], len(lengths), where)
        if not lengths:
            self.assertNotIn("mean", told)
            return 0
        expected = self.expected(lengths)
        self.assertEqual(set(expected), set(told) - {"n", "share"}, where)
        for name, value in expected.items():
            self.assertTrue(math.isclose(told[name], value, rel_tol=1e-12, abs_tol=1e-9), (where, name, told[name], value))
        return len(expected)

    def compare_group(self, group, direction, where):
        figures = 0
        for segment in group["segments"] + [dict(group["total"], name="total")]:
            if segment["from"] not in CHAINS[direction] or segment["to"] not in CHAINS[direction]:
                continue                       # of an inspection: this month has none
            for variant in ("available", "signed", "clamped", "excluded"):
                lengths = self.lengths(direction, segment["from"], segment["to"], variant, where)
                figures += self.compare(segment[variant], lengths, (direction, segment["name"], variant, where))
        overall = {name: value for name, value in group["overall"].items()
                   if name not in ("from", "to", "base", "previous", "previous_year")}
        figures += self.compare(overall, self.lengths(direction, *OVERALL[direction], "available", where), where)
        return figures

    def test_every_figure(self):
        for by in ("office", "inspected"):
            report = json.loads(self.ask("report", "--json", "--by", by))
            for direction in CHAINS:
                self.assertGreater(self.compare_group(report[direction], direction, "1"), 200)
                groups = report[direction]["groups"]
                self.assertEqual([group["value"] for group in groups], sorted({row[by] for row in self.rows}))
                for group in groups:
                    self.compare_group(group, direction, f"{by} = '{group['value']}'")

    def test_lengths_are_those_of_the_moments(self):
        for row in self.rows:
            for name, start, end in (("import.customs", "ACCEPTED", "RELEASED"), ("export.unberthing", "LOADED", "DEPARTED")):
                moments = nanoseconds(row[start]), nanoseconds(row[end])
                mine = name.startswith(row["direction"]) and None not in moments
                told = row[name] and int(row[name].replace(".", "")) * (1 if "." in row[name] else SECOND)
                self.assertEqual(told, moments[1] - moments[0] if mine else "", row)

    def test_csv_tells_what_json_tells(self):
        report = json.loads(self.ask("report", "--format", "json"))
        rows = list(csv.DictReader(io.StringIO(self.ask("report", "--format", "csv"), newline="")))
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
