"""The benchmark's tables, each with what was aimed at beside it: tables.py RESULTS.csv [MORE.csv …] prints them.

The first file is the run that is told of; files of other sizes add their ratios and their growth.
"""
import sys

from results import Results

SOME = 100000   # customers that forecasts are asked of (parts/40-models.sql)

HISTORIES = {   # plan: (aim of the time's ratio, aim of the memory's)
    "hash": (0.85, 0.55), "hash, in order of days": (0.85, 0.55),
    "partitionwise": (0.75, None), "partitionwise, in order of days": (0.75, None), "partitionwise, two workers": (None, None), "index-ordered": (0.82, None),
    "sorted": (1.05, None), "hash, spilling": (None, None), "hash, huge pages": (None, None), "partitionwise, huge pages": (None, None)}

FACTS = "facts of every customer"
ADVICE = [
    ("keep the histories and ask them", ("rivals", FACTS, "ours, histories stored"), "aggregating the orders for each question", ("rivals", FACTS, "ours")),
    ("store the orders by customer", ("histories", "index-ordered", "ours"), "hashing rows in random order", ("histories", "hash", "ours")),
    ("partition by customer, `enable_partitionwise_aggregate`", ("histories", "partitionwise", "ours"), "one hash table for all", ("histories", "hash", "ours")),
    ("the same with two workers", ("histories", "partitionwise, two workers", "ours"), "one hash table for all", ("histories", "hash", "ours")),
    ("huge pages for one hash table", ("histories", "hash, huge pages", "ours"), "pages of 4 kB", ("histories", "hash", "ours")),
    ("huge pages and partitions", ("histories", "partitionwise, huge pages", "ours"), "one hash table for all, pages of 4 kB", ("histories", "hash", "ours")),
    ("leave work_mem small (16 MB) and let it spill", ("histories", "hash, spilling", "ours"), "one hash table in memory", ("histories", "hash", "ours")),
    ("RFM from histories", ("rivals", "RFM scores", "ours"), "`ntile` over a grouping of the orders", ("rivals", "RFM scores", "plain SQL")),
    ("fit the model where the data are", ("rivals", "BG/NBD model", "ours"), "export, numpy and scipy", ("rivals", "BG/NBD model", "scipy: export, load, fit"))]

ONE_PASS = 3000     # thousand customers a second
METRICS = {
    "visit_count(h)": ONE_PASS, "last_visit(h)": ONE_PASS, "total_spend(h)": ONE_PASS, "latency(h)": ONE_PASS,
    "spend_between(h, '2024-01-01', '2024-12-31')": ONE_PASS, "days_since_last_visit(h, '2024-12-31')": ONE_PASS,
    "expected_next_visit(h)": ONE_PASS, "median_latency(h)": None}
JUDGEMENTS = {
    "latency_status": None, "expected_next_visit by norms": None, "rfm": None, "expected_spend": 300, "customer_metrics without a model": 200}
FAMILIES = ["bgnbd", "mbgnbd", "mbgcnbd", "paretonbd"]
FORECASTS = {
    "p_alive": 300, "churn_risk": 300, "expected_visits": 300, "visit_probability": 300, "expected_next_visit": 300,
    "next_visit_range": 300, "clv, 365 days": 300, "clv, whole life": 300, "customer_metrics": 50}
LEARNING = {    # milliseconds for a million customers
    "fit_btyd bgnbd": 400, "fit_btyd mbgnbd": 400, "fit_btyd paretonbd": 1000, "fit_btyd mbgcnbd": 1500, "fit_spend": 300,
    "latency_norms": None, "rfm_scheme": None}
RELATION = {    # per cent of a rebuild
    "create": None, "refresh, 0.1 % more orders": 1, "refresh, rebuild": None, "refit": None, "read the whole view": None, "read one row by key": None}


def time(ms):
    return f"{ms:.1f} ms" if ms < 9.95 else f"{ms:.0f} ms" if ms < 199.5 else f"{ms / 1000:.2f} s" if ms < 9950 else f"{ms / 1000:.1f} s"


def size(orders):
    return f"{orders / 1e6:.1f} million orders" if orders < 9.95e6 else f"{orders / 1e6:.0f} million orders"


def megabytes(kilobytes):
    return "" if kilobytes is None else f"{kilobytes / 1024:.0f} MB"


def aimed(value, aim, form, least=False):
    """The value, and whether the aim was missed; the aim is the most or the least that it may be."""
    missed = aim is not None and (value < aim if least else value > aim)
    return form.format(value) + (" (missed)" if missed else "")


def markdown(head, rows):
    lines = ["| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]]) + "\n"


def run(results):
    facts, rounds = results.facts, sorted(set(map(len, results.rounds.values())))
    most = f"{rounds[-1]} round{'s' if rounds[-1] > 1 else ''}"
    return (f"{results.customers():,} customers with {size(int(facts['orders']))}, {f'{rounds[0]} to {most}' if rounds[0] < rounds[-1] else most}, "
            f"{facts['server'].split(' (')[0]}; one of {facts['cores']} cores ({facts['processor']}; caches: {facts['caches']}), "
            f"{facts['memory']} of memory, {facts['C library']}, transparent huge pages: {facts['transparent huge pages']}; {facts['day']}.\n")


def advice(results):
    return markdown(["do", "takes", "instead of", "which takes"],
                    [(do, time(results.median(*key)), instead, time(results.median(*other)))
                     for do, key, instead, other in ADVICE if results.median(*key) and results.median(*other)])


def histories(results):
    rows = []
    for plan, (aim, memory_aim) in HISTORIES.items():
        ours, built_in = (("histories", plan, contender) for contender in ("ours", "built in"))
        if results.median(*ours) is None:
            continue
        table, their_table = (results.most("kilobytes", *key) for key in (ours, built_in))
        rows.append((plan, time(results.median(*built_in)), time(results.median(*ours)),
                     aimed(results.ratio("histories", plan, "ours", "built in"), aim, "{:.2f}"), aim,
                     memory_aim and aimed(table / their_table, memory_aim, "{:.2f}"), memory_aim,
                     megabytes(results.most("grown", *built_in)), megabytes(results.most("grown", *ours))))
    return markdown(["plan", "built in", "visit_history", "ratio", "aim", "hash table, ratio", "aim",
                     "backend grew, built in", "visit_history"], rows)


def sizes(*runs):
    runs = sorted((run for run in runs if run.whats("histories")), key=Results.customers)
    ratios = ((plan, [run.ratio("histories", plan, "ours", "built in") for run in runs]) for plan in HISTORIES)
    return markdown(["plan", *(size(int(run.facts["orders"])) for run in runs)],
                    [(plan, *(ratio and f"{ratio:.2f}" for ratio in found)) for plan, found in ratios if any(found)])


def stored(results):
    found = float(results.facts["bytes a visit"])
    return f"A stored history takes {aimed(found, 4.5, '{:.1f}')} bytes a visit (aim: 4.5 at most), all that is known of the visit and its money included.\n"


def metrics(results):
    rows = []
    for part, aims, most in (("metrics", METRICS, None), ("judgements", JUDGEMENTS, SOME)):
        for what, aim in aims.items():
            ms = results.median(part, what, "ours")
            if ms:
                rows.append((f"`{what}`" if part == "metrics" else what, aimed(results.customers(most) / ms, aim, "{:,.0f}", least=True), aim and f"{aim:,}"))
    return markdown(["metric", "thousand customers a second", "aim"], rows)


def forecasts(results):
    rows = []
    for what, aim in FORECASTS.items():
        ms = [results.median("forecasts", what, family) for family in FAMILIES]
        if all(ms):
            rows.append((what, *(aimed(results.customers(SOME) / value, aim, "{:,.0f}", least=True) for value in ms), aim))
    return markdown(["thousand customers a second", *FAMILIES, "aim"], rows)


def learning(results):
    def processor(*key):
        return results.median(*key, column="processor_ms")

    reading = processor("metrics", "last_visit(h)", "ours")     # decodes every visit, and does nothing with it
    rows = []
    for what, aim in LEARNING.items():
        ms = processor("learning", what, "ours")
        if ms is not None:
            aim = aim and aim * results.customers() / 1e6
            rows.append((what, f"{ms:.0f} ms", aimed(ms - reading, aim, "{:.0f} ms"), aim and f"{aim:.0f} ms"))
    return markdown(["learned of all customers", "in all", "beyond reading them", "aim"], rows)


def relation(results):
    rebuild, create = (results.median("relation", what, "ours") for what in ("refresh, rebuild", "create"))
    found = [(what, results.median("relation", what, "ours"), aim) for what, aim in RELATION.items()]
    return markdown(["", "takes", "of a rebuild", "aim", "of creating it"],
                    [(what, time(ms), aimed(100 * ms / rebuild, aim, "{:.1f} %"), aim and f"{aim} %", f"{100 * ms / create:.1f} %")
                     for what, ms, aim in found if ms])


def rivals(results):
    rows = []
    for what in results.whats("rivals"):
        ours = results.median("rivals", what, "ours")
        for ms, contender in sorted((results.median("rivals", what, c), c) for c in results.contenders("rivals", what)):
            rows.append((what, contender, time(ms), f"{ms / ours:.2f}"))
    return markdown(["asked for", "of", "takes", "times ours"], rows)


def growth(results):
    """Nanoseconds a row as tables grow, and a visit as histories do."""
    found = []
    for part, unit, total in (("growth, rows", "orders", lambda n: n), ("growth, visits", "visits of one customer", lambda n: n * max(1, 1000000 // n))):
        counts = sorted(map(int, results.whats(part)))
        contenders = sorted({c for n in counts for c in results.contenders(part, str(n))})
        if counts:
            found.append(markdown([unit, *(f"{contender}, ns each" for contender in contenders)],
                                  [(f"{n:,}", *(f"{results.median(part, str(n), c) * 1e6 / total(n):.0f}" for c in contenders)) for n in counts]))
    return "\n".join(found)


def tables(files):
    """All of them by name; one of which nothing was measured is left out."""
    runs = [Results(file) for file in files]
    first = runs[0]
    parts = {part for part, _, _ in first.rounds}
    made = {"run": run(first)}
    for name, table, needs in (("advice", advice, {"histories", "rivals"}), ("rivals", rivals, {"rivals"}), ("histories", histories, {"histories"}),
                               ("metrics", metrics, {"metrics"}), ("forecasts", forecasts, {"forecasts"}),
                               ("learning", learning, {"learning", "metrics"}), ("relation", relation, {"relation"})):
        if needs <= parts:
            made[name] = table(first)
    if "bytes a visit" in first.facts:
        made["stored"] = stored(first)
    if "histories" in parts:
        made["sizes"] = sizes(*runs)
    if {"growth, rows", "growth, visits"} & parts:
        made["growth"] = growth(Results(*files))
    return made


if __name__ == "__main__":
    for name, table in tables(sys.argv[1:]).items():
        print(f"\n{name}:\n\n{table}", end="")
