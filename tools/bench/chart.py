"""Draws the benchmark's results, as SVG.

Black, grey and white only; lines are told apart by their dashes and labelled where they end.
"""
import math

WIDTH, LINE = 640, 22


def text(x, y, words, anchor="start", weight="normal"):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-weight="{weight}">{words}</text>'


def picture(height, marks):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">\n'
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>\n' + "\n".join(marks) + "\n</svg>\n")


def seconds(ms):
    return f"{ms / 1000:.2f} s" if ms < 9950 else f"{ms / 1000:.0f} s"


def number(n):
    return f"{n / 1e6:.3g} M" if n >= 999500 else f"{n / 1e3:.3g} k" if n >= 1000 else str(n)


def rivals(results):
    """Bars, the shortest on top, of each question that rivals were asked, too."""
    marks, y = [], 0
    for what in results.whats("rivals"):
        bars = sorted((results.median("rivals", what, contender), contender) for contender in results.contenders("rivals", what))
        y += 30
        marks.append(text(10, y, what, weight="bold"))
        for ms, contender in bars:
            y += LINE
            length = 300 * ms / bars[-1][0]
            fill = "black" if contender.startswith("ours") else "#bbb"
            marks += [text(225, y, contender, "end"), f'<rect x="232" y="{y - 12}" width="{length:.1f}" height="15" fill="{fill}"/>',
                      text(238 + length, y, seconds(ms))]
    return picture(y + 16, marks)


def lines(results, part, title, contenders, units, top):
    """One panel: nanoseconds a unit over how many there are, both logarithmic."""
    counts = sorted(map(int, results.whats(part)))
    cost = {c: [(n, results.median(part, str(n), c) * 1e6 / units(n)) for n in counts] for c in contenders}
    every = [value for found in cost.values() for value in found]
    low_x, high_x = math.log10(counts[0]), math.log10(counts[-1])
    low_y, high_y = (math.floor(min(math.log10(v) for _, v in every)), math.ceil(max(math.log10(v) for _, v in every)))
    x = lambda n: 80 + 370 * (math.log10(n) - low_x) / max(high_x - low_x, 1e-9)
    y = lambda v: top + 190 - 150 * (math.log10(v) - low_y) / (high_y - low_y)
    marks = [text(10, top + 16, title, weight="bold")]
    for power in range(low_y, high_y + 1):
        marks += [f'<line x1="80" x2="450" y1="{y(10 ** power):.1f}" y2="{y(10 ** power):.1f}" stroke="#ddd"/>',
                  text(74, y(10 ** power) + 4, f"{10 ** power:,} ns", "end")]
    free = 0
    for n in counts:
        if x(n) >= free:    # a label that would touch the last one is left out
            marks.append(text(x(n), top + 210, number(n), "middle"))
            free = x(n) + 45
    labels = []
    for (contender, found), dash in zip(cost.items(), ("none", "7 3", "2 3", "10 3 2 3")):
        path = " ".join(f"{x(n):.1f},{y(v):.1f}" for n, v in found)
        marks.append(f'<polyline points="{path}" fill="none" stroke="black" stroke-width="1.5" stroke-dasharray="{dash}"/>')
        labels.append([y(found[-1][1]) + 4, contender])
    labels.sort()
    for upper, lower in zip(labels, labels[1:]):
        lower[0] = max(lower[0], upper[0] + 15)
    return marks + [text(456, at, contender) for at, contender in labels]



def growth(results):
    return picture(480, lines(results, "growth, rows", "A row, as tables grow (orders)", ["ours", "built in"], lambda n: n, 0) +
                   lines(results, "growth, visits", "A visit, as one customer's visits grow",
                         ["in order", "in random order", "built in", "latency of stored histories"], lambda n: n * max(1, 1000000 // n), 240))
