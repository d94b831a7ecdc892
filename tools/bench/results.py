"""Reads what the benchmark wrote: CSV files, one a run, each row a measurement.

Rows of part "run" are what the figures depend on, with the value in the note.
"""
import csv
import statistics
from collections import defaultdict


class Results:
    """Several files as one: what was measured in more than one of them has the rounds of all."""

    def __init__(self, *files):
        self.facts, self.rounds = {}, defaultdict(list)
        for name in files:
            with open(name, newline="") as file:
                for row in csv.DictReader(file):
                    if row["part"] == "run":
                        self.facts[row["what"]] = row["note"]
                    else:
                        self.rounds[row["part"], row["what"], row["contender"]].append(row)

    def whats(self, part):
        return dict.fromkeys(what for (p, what, _) in self.rounds if p == part)

    def contenders(self, part, what):
        return [contender for (p, w, contender) in self.rounds if (p, w) == (part, what)]

    def values(self, key, column="ms"):
        return [float(row[column]) for row in self.rounds.get(key, ()) if row[column]]

    def median(self, *key, column="ms"):
        """Milliseconds, or None where that was not measured."""
        values = self.values(key, column)
        return statistics.median(values) if values else None

    def ratio(self, part, what, contender, rival):
        """Round by round, the median of it."""
        ours, theirs = (self.values((part, what, c)) for c in (contender, rival))
        return statistics.median(a / b for a, b in zip(ours, theirs)) if ours and theirs else None

    def most(self, column, *key):
        return max(self.values(key, column), default=None)

    def customers(self, most=None):
        number = int(self.facts["customers"])
        return min(number, most) if most else number
