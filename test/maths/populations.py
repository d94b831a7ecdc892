#!/usr/bin/python3
"""Fits of simulated populations: parameter recovery, and small degenerate ones.

    populations.py [--long] [--seed N]

Recovery: populations drawn from the model itself, in days; rates are slow
against a day, so that visits falling on one day hardly matter.  Counted is how
often the 95 % interval of each log-parameter holds the truth.
"""
import math
import random
import sys
from collections import Counter

from common import SHORT, done, fit_btyd, fit_spend, ok, skip

try:
    import numpy as np
except ImportError:
    skip('fits of simulated populations', 'no numpy')
    done()

SEED = int(sys.argv[sys.argv.index('--seed') + 1]) if '--seed' in sys.argv else 5
rng = np.random.default_rng(SEED)
CUSTOMERS = 4000
TRUTH = {
    'bgnbd': (0.6, 150.0, 0.8, 2.5),
    'mbgnbd': (0.9, 150.0, 0.7, 1.6),
    'mbgcnbd': (1.2, 60.0, 0.6, 1.4, 3),
    'paretonbd': (0.7, 150.0, 0.6, 300.0),
}


def lifetimes(family, p, n):
    """Per customer the stage rate, the coin, and when life ends whatever happens."""
    rate = rng.gamma(p[0], 1 / p[1], n)
    if family == 'paretonbd':
        return rate, np.zeros(n), rng.exponential(1 / rng.gamma(p[2], 1 / p[3], n))
    return rate, rng.beta(p[2], p[3], n), np.full(n, np.inf)


def population(family, p, n, longest=2500):
    """Counters of triples and of gaps, whole days."""
    k = int(p[4]) if len(p) > 4 else 1
    T = rng.integers(longest // 5, longest + 1, n)
    rate, coin, end = lifetimes(family, p, n)
    x, last, time = np.zeros(n, int), np.zeros(n, int), np.zeros(n)
    active = np.arange(n)
    if family in ('mbgnbd', 'mbgcnbd'):
        active = active[rng.random(n) >= coin]
    gaps = Counter()
    while len(active):
        time[active] += rng.gamma(k, 1 / np.maximum(rate[active], 1e-300))
        active = active[time[active] < np.minimum(T[active] + .5, end[active])]
        day = np.rint(time[active]).astype(int)
        new = day > last[active]
        gaps.update((day - last[active])[new].tolist())
        x[active] += new
        last[active] = day
        active = active[rng.random(len(active)) >= coin[active]]
    return Counter(zip(x.tolist(), last.tolist(), T.tolist())), gaps


def holds(result, truth):
    return [abs(math.log(got / true)) <= 1.959964 * error / got
            for got, true, error in zip(result['parameters'], truth, result['errors'])]


def fewest_hits(fits, chance=1e-4):
    """What a true 95 % interval falls short of with less than this chance, by the binomial law."""
    below = 0.0
    for hits in range(fits + 1):
        below += math.comb(fits, hits) * .95 ** hits * .05 ** (fits - hits)
        if below >= chance:
            return hits


def recovery(family, fits, names):
    truth = TRUTH.get(family, (6.0, 4.0, 15.0))
    hits, good, other_k = [0] * len(names), 0, 0
    for _ in range(fits):
        result = one_spend(truth) if family == 'spend' else fit_btyd(family, *population(family, truth, CUSTOMERS))
        if family == 'mbgcnbd' and result['parameters'][4] != truth[4]:
            other_k += 1
        if result['converged']:
            good += 1
            hits = [h + v for h, v in zip(hits, holds(result, truth))]
    low, high = (.88, .99) if fits >= 200 else (fewest_hits(fits) / fits, 1)
    ok(good == fits and other_k == 0 and all(low <= h / good <= high for h in hits),
       'recovery of %s: %d of %d fits converged%s; intervals hold %s'
       % (family, good, fits, ', %d with another k' % other_k if family == 'mbgcnbd' else '',
          ', '.join('%s %.1f %%' % (name, 100 * h / good) for name, h in zip(names, hits))))


def one_spend(truth):
    p, q, v = truth
    x = rng.geometric(.3, CUSTOMERS)
    money = rng.gamma(p * x, 1 / rng.gamma(q, 1 / v, CUSTOMERS))
    return fit_spend(Counter(zip(x.tolist(), np.maximum(1, np.rint(money * 100)).astype(int).tolist())))


def small_population(pick):
    """2 to 200 customers, degenerate ones among them."""
    n = pick.choice([2, 3, 5, 10, 30, 49, 50, 100, 200])
    kind = pick.choice(['model', 'model', 'never', 'alike', 'daily', 'one T', 'random', 'no dropout', 'one', 'decades', 'zero'])
    if kind == 'model':
        family = pick.choice(list(TRUTH))
        return kind, population(family, TRUTH[family], n, pick.choice([60, 400, 2500]))
    if kind == 'no dropout':
        return kind, population('bgnbd', (5.0, 100.0, 1e-6, 1e3), n, 400)
    rows = []
    for _ in range(1 if kind == 'one' else n):
        T = {'one T': 300, 'alike': 100, 'zero': 0, 'decades': pick.randint(10000, 30000)}.get(kind, pick.randint(1, 700))
        if kind in ('never', 'zero'):
            rows.append((0, 0, T))
        elif kind == 'daily':
            rows.append((T, T, T))
        elif kind == 'alike':
            rows.append((3, 80, 100))
        else:
            tx = pick.randint(0, T)
            rows.append((pick.randint(1, tx) if tx else 0, tx, T))
    gaps = Counter()
    for x, tx, T in rows:
        if x:
            gaps[max(1, tx // x)] += x
    return kind, (Counter(rows), gaps)


def small(number):
    pick = random.Random(SEED)
    bad, slowest, endings = [], 0.0, Counter()
    for i in range(number):
        kind, (triples, gaps) = small_population(pick)
        family = pick.choice(list(TRUTH))
        result = fit_btyd(family, triples, gaps)
        slowest = max(slowest, result['seconds'])
        fine = (result['converged'] or result['warning']) and not result['interrupted']
        finite = all(map(math.isfinite, result['parameters'])) or 'nobody came back' in result['warning']
        endings['converged' if result['converged'] else 'warned'] += 1
        if not fine or not finite:
            bad.append((i, kind, family, result))
    ok(not bad, '%d small populations: %s, slowest %.2f s%s'
       % (number, ', '.join('%s %d' % e for e in sorted(endings.items())), slowest, '' if not bad else '; first bad: %s' % (bad[0],)))


def deterministic():
    people = population('mbgcnbd', TRUTH['mbgcnbd'], 3000)
    a, b = fit_btyd('mbgcnbd', *people), fit_btyd('mbgcnbd', *people)
    ok(a['parameters'] == b['parameters'] and a['ll'] == b['ll'], 'the same sample gives the same bits')


def interruptible(family):
    """Told to stop at whatever question, a fit says that it was, or had come to its end."""
    people = population(family, TRUTH[family], 1000)
    end, wrong, number = fit_btyd(family, *people), 0, 0
    asked, stopped = 1, True
    while stopped:
        result = fit_btyd(family, *people, environment={'INTERRUPT_AFTER': str(asked)})
        stopped = result['interrupted'] == 1
        wrong += not stopped and (result['parameters'], result['warning']) != (end['parameters'], end['warning'])
        number, asked = number + 1, asked + max(1, asked // 8)
    ok(wrong == 0 and number > 20, '%s: a fit stops at each of %d questions' % (family, number))


deterministic()
small(150 if SHORT else 1000)
for name, names in (('bgnbd', 'r alpha a b'), ('mbgnbd', 'r alpha a b'), ('mbgcnbd', 'r alpha a b'),
                    ('paretonbd', 'r alpha s beta'), ('spend', 'p q v')):
    recovery(name, 10 if SHORT else 200, names.split())
for name in TRUTH:
    interruptible(name)
done()
