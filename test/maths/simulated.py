#!/usr/bin/python3
"""Forecasts of mbgcnbd against brute force: histories drawn from the model, futures counted.

No formula of ours enters: customers are drawn with their rate and coin, gap by
gap; those whose history fits the question are kept, and what they do next is
counted.  Figures must lie within 4.5 standard errors.
"""
import math
import sys

from common import SHORT, ask, done, ok, skip

try:
    import numpy as np
except ImportError:
    skip('forecasts against simulation', 'no numpy')
    done()

rng = np.random.default_rng(11)
DRAWS = 2_000_000 if SHORT else 20_000_000
HORIZON = 200.0


def draw(p, x, low, high, T):
    """Customers with x repeat visits, the last within [low, high], watched to T: (λ, p alive or not, gap so far ...)."""
    r, alpha, a, b, k = p
    rate = rng.gamma(r, 1 / alpha, DRAWS)
    coin = rng.beta(a, b, DRAWS)
    time = np.zeros(DRAWS)
    alive = rng.random(DRAWS) >= coin
    rate, coin, time = rate[alive], coin[alive], time[alive]
    dead_times = []
    for visit in range(x):
        time = time + rng.gamma(k, 1 / rate)
        keep = time <= high
        rate, coin, time = rate[keep], coin[keep], time[keep]
        lives = rng.random(len(time)) >= coin
        if visit == x - 1:
            dead_times = time[~lives]
        rate, coin, time = rate[lives], coin[lives], time[lives]
    dead = DRAWS - alive.sum() if x == 0 else ((dead_times >= low)).sum()
    keep = time >= low
    rate, coin, time = rate[keep], coin[keep], time[keep]
    following = time + rng.gamma(k, 1 / rate)
    silent = following > T
    return int(dead), rate[silent], coin[silent], following[silent]


def futures(p, dead, rate, coin, following, T):
    """Visits within the horizon, of everybody kept; and whether one comes within a quarter of it."""
    k = p[4]
    n = dead + len(rate)
    counts = np.zeros(n)
    soon = np.zeros(n)
    soon[:len(rate)] = following <= T + HORIZON / 4
    active = np.arange(len(rate))
    time = following.copy()
    while len(active):
        active = active[time[active] <= T + HORIZON]
        counts[active] += 1
        active = active[rng.random(len(active)) >= coin[active]]
        time[active] += rng.gamma(k, 1 / rate[active])
    return counts, soon


def check(p, x, recency, T):
    width = 0.5 if x else 0
    dead, rate, coin, following = draw(p, x, recency - width, recency + width, T)
    counts, soon = futures(p, dead, rate, coin, following, T)
    c = (x, recency, T)
    alive, visits, chance = (v[0] for v in ask([('alive', 'mbgcnbd', *p, *c), ('visits', 'mbgcnbd', *p, *c, HORIZON),
                                                ('chance', 'mbgcnbd', *p, *c, HORIZON / 4)]))
    n = len(counts)
    lines = [('alive', alive, len(rate) / n, math.sqrt(alive * (1 - alive) / n)),
             ('visits', visits, counts.mean(), counts.std() / math.sqrt(n)),
             ('chance', chance, soon.mean(), math.sqrt(chance * (1 - chance) / n))]
    ok(n > 300 and all(abs(a - b) <= 4.5 * e + 1e-12 for _, a, b, e in lines),
       'k = %d, x = %d, t_x = %g, T = %g, of %d alike: ' % (p[4], *c, n)
       + ', '.join('%s %.4f, simulated %.4f ± %.4f' % line for line in lines))


for k in (1, 2, 3, 6, 12):
    parameters = (1.5, 30.0 / k, 0.6, 1.8, k)
    check(parameters, 0, 0.0, 60.0)
    check(parameters, 2, 70.0, 100.0)
    check(parameters, 3, 60.0, 61.0)
done()
