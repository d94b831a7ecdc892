"""What the oracles share: the driver, samples from transaction files, TAP."""
import csv
import datetime
import gzip
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
DRIVER = os.path.join(HERE, 'driver')
DATA = os.environ.get('CRM_DATA') or os.path.join(HERE, '../../../shared/data')
SHORT = '--long' not in sys.argv

_number = 0
_failed = 0


def ok(passed, text):
    """One TAP line."""
    global _number, _failed
    _number += 1
    _failed += not passed
    print('%s %d - %s' % ('ok' if passed else 'not ok', _number, text), flush=True)


def skip(text, reason):
    global _number
    _number += 1
    print('ok %d - %s # SKIP %s' % (_number, text, reason), flush=True)


def done():
    print('1..%d' % _number)
    sys.exit(1 if _failed else 0)


def ask(lines):
    """The driver's answers to these questions, each a list of floats."""
    def words(line):
        return ' '.join(w if isinstance(w, str) else repr(float(w)) for w in line)
    text = '\n'.join(words(line) for line in lines) + '\n'
    out = subprocess.run([DRIVER], input=text, capture_output=True, text=True, check=True).stdout
    answers = [[float(v) for v in line.split()] for line in out.splitlines()]
    assert len(answers) == len(lines), (len(answers), len(lines))
    return answers


def _fit(arguments, files, environment=None):
    paths = []
    for rows in files:
        handle, path = tempfile.mkstemp()
        with os.fdopen(handle, 'w') as f:
            for row in rows:
                f.write(' '.join(map(str, row)) + '\n')
        paths.append(path)
    try:
        out = subprocess.run([DRIVER] + [paths[a] if isinstance(a, int) else a for a in arguments],
                             capture_output=True, text=True, check=True, timeout=600,
                             env=dict(os.environ, **(environment or {}))).stdout
    finally:
        for path in paths:
            os.remove(path)
    result = {}
    for line in out.splitlines():
        key, _, value = line.partition(' ')
        result[key] = value
    for key in ('parameters', 'errors'):
        result[key] = [float(v) for v in result[key].split()]
    for key in ('ll', 'aic', 'seconds'):
        result[key] = float(result[key])
    for key in ('customers', 'iterations', 'converged', 'interrupted'):
        result[key] = int(result[key])
    return result


def fit_btyd(family, triples, gaps, environment=None):
    """triples: Counter of (x, t_x, T); gaps: Counter of days."""
    rows = [key + (count,) for key, count in sorted(triples.items())]
    return _fit(['btyd', family, 0, 1], [rows, sorted(gaps.items())], environment)


def fit_spend(pairs, unit='0.01'):
    """pairs: Counter of (x, money in units)."""
    rows = [key + (count,) for key, count in sorted(pairs.items())]
    return _fit(['spend', 0, unit], [rows])


def have(name):
    return os.path.exists(os.path.join(DATA, name))


def transactions(name, keep=lambda row: True):
    """customer -> {day: Decimal money or None}: orders of one day are one visit."""
    path = os.path.join(DATA, name)
    opener = gzip.open if name.endswith('.gz') else open
    visits = defaultdict(dict)
    refunds = defaultdict(dict)
    with opener(path, 'rt') as f:
        for row in csv.DictReader(f):
            if not keep(row):
                continue
            day = datetime.date.fromisoformat(row['ordered_at'][:10])
            amount = Decimal(row['amount']) if 'amount' in row else None
            into = refunds if amount is not None and amount < 0 else visits
            days = into[row['customer_id']]
            days[day] = days.get(day, 0) + amount if amount is not None else None
    for customer, days in refunds.items():
        for day, amount in days.items():
            if day in visits.get(customer, ()):
                visits[customer][day] += amount
    return visits


def summary(visits, as_of):
    """customer -> (x, t_x, T, money of repeat days or None, days of visits)."""
    result = {}
    for customer, days in visits.items():
        seen = sorted(d for d in days if d <= as_of)
        if not seen:
            continue
        money = None
        if days[seen[0]] is not None:
            money = sum((days[d] for d in seen[1:]), Decimal(0))
        result[customer] = (len(seen) - 1, (seen[-1] - seen[0]).days, (as_of - seen[0]).days, money, seen)
    return result


def triples_of(people):
    return Counter(p[:3] for p in people.values())


def gaps_of(people):
    gaps = Counter()
    for p in people.values():
        for a, b in zip(p[4], p[4][1:]):
            gaps[(b - a).days] += 1
    return gaps


def pairs_of(people):
    return Counter((p[0], int(p[3].scaleb(3))) for p in people.values() if p[3] is not None)
