"""Draws the benchmark's results: chart.py RESULTS.csv DIRECTORY makes rivals.svg and growth.svg.

Black, grey and white only; lines are told apart by their dashes and labelled where they end.
"""
import csv
import math
import statistics
import sys
from collections import defaultdict

WIDTH, LINE = 640, 22
times = defaultdict(list)
with open(sys.argv[1], newline="") as file:
    for row in csv.DictReader(file):
        times[row["part"], row["what"], row["contender"]].append(float(row["ms"]))
median = {key: statistics.median(values) for key, values in times.items()}


def text(x, y, words, anchor="start", weight="normal"):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-weight="{weight}">{words}</text>'


def picture(name, height, marks):
    with open(f"{sys.argv[2]}/{name}.svg", "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">\n'
                   f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n' + "\n".join(marks) + "\n</svg>\n")


def seconds(ms):
    return f"{ms / 1000:.2f} s" if ms < 9950 else f"{ms / 1000:.0f} s"


marks, y = [], 0
for what in dict.fromkeys(key[1] for key in median if key[0] == "rivals"):
    bars = sorted((ms, contender) for (part, w, contender), ms in median.items() if part == "rivals" and w == what)
    y += 30
    marks.append(text(10, y, what, weight="bold"))
    for ms, contender in bars:
        y += LINE
        length = 300 * ms / bars[-1][0]
        fill = "black" if contender.startswith("ours") else "#bbb"
        marks += [text(225, y, contender, "end"), f'<rect x="232" y="{y - 12}" width="{length:.1f}" height="15" fill="{fill}"/>',
                  text(238 + length, y, seconds(ms))]
picture("rivals", y + 16, marks)


def lines(part, title, contenders, unit, top):
    """One panel: nanoseconds a unit over how many there are, both logarithmic."""
    points = {c: sorted((int(w), ms) for (p, w, k), ms in median.items() if p == part and k == c) for c in contenders}
    cost = {c: [(n, ms * 1e6 / unit(n)) for n, ms in found] for c, found in points.items()}
    every = [value for found in cost.values() for value in found]
    low_x, high_x = (f(math.log10(n) for n, _ in every) for f in (min, max))
    low_y, high_y = (math.floor(min(math.log10(v) for _, v in every)), math.ceil(max(math.log10(v) for _, v in every)))
    x = lambda n: 80 + 370 * (math.log10(n) - low_x) / max(high_x - low_x, 1e-9)
    y = lambda v: top + 190 - 150 * (math.log10(v) - low_y) / (high_y - low_y)
    marks = [text(10, top + 16, title, weight="bold")]
    for power in range(low_y, high_y + 1):
        marks += [f'<line x1="80" x2="450" y1="{y(10 ** power):.1f}" y2="{y(10 ** power):.1f}" stroke="#ddd"/>',
                  text(74, y(10 ** power) + 4, f"{10 ** power:,} ns", "end")]
    for n in sorted({n for n, _ in every}):
        marks.append(text(x(n), top + 210, f"{n:,}", "middle"))
    labels = []
    for (contender, found), dash in zip(cost.items(), ("none", "7 3", "2 3", "10 3 2 3")):
        path = " ".join(f"{x(n):.1f},{y(v):.1f}" for n, v in found)
        marks.append(f'<polyline points="{path}" fill="none" stroke="black" stroke-width="1.5" stroke-dasharray="{dash}"/>')
        labels.append([y(found[-1][1]) + 4, contender])
    labels.sort()
    for upper, lower in zip(labels, labels[1:]):
        lower[0] = max(lower[0], upper[0] + 15)
    return marks + [text(456, at, contender) for at, contender in labels]


picture("growth", 480,
        lines("growth, rows", "A row, as tables grow (orders)", ["ours", "built in"], lambda n: n, 0) +
        lines("growth, visits", "A visit, as one customer's visits grow", ["in order", "in random order", "built in", "latency of stored histories"],
              lambda n: n * max(1, 1000000 // n), 240))
