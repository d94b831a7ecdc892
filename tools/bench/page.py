#!/usr/bin/env -S python3 -B
"""Writes the tables and charts of the page fast.md in DIRECTORY anew: page.py DIRECTORY.

They come from its benchmark/*.csv: results.csv, the run that the page tells of, and runs of
other sizes.  A table stands between <!-- benchmark: its name --> and <!-- end -->.
"""
import pathlib
import re
import sys

import chart
import tables
from results import Results

directory = pathlib.Path(sys.argv[1])
page, benchmark = directory / "fast.md", directory / "benchmark"
first = benchmark / "results.csv"
files = [first, *sorted(set(benchmark.glob("*.csv")) - {first})]

made = tables.tables(files)
text = re.sub(r"(<!-- benchmark: (.+?) -->\n).*?(?=<!-- end -->)", lambda found: found[1] + made[found[2]], page.read_text(), flags=re.DOTALL)
page.write_text(text)
(benchmark / "rivals.svg").write_text(chart.rivals(Results(first)))
(benchmark / "growth.svg").write_text(chart.growth(Results(*files)))
