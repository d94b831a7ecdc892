"""The models once more, from their definitions, in mpmath at 50 digits."""
import mpmath as mp

mp.mp.dps = 50
SHAPES = {'bgnbd': 0, 'mbgnbd': 1, 'mbgcnbd': 1}


def lg(z):
    return mp.loggamma(z)


def rising(z, n):
    """ln Γ(z+n) − ln Γ(z) and its derivatives by z."""
    with mp.workdps(80):
        z, n = mp.mpf(z), mp.mpf(n)
        return (lg(z + n) - lg(z), mp.psi(0, z + n) - mp.psi(0, z), mp.psi(1, z + n) - mp.psi(1, z))


def coin_parts(family, p, x, tx, T):
    """(alive, left) parts of the likelihood, as logarithms."""
    r, alpha, a, b = map(mp.mpf, p[:4])
    k = int(p[4]) if len(p) > 4 else 1
    x, tx, T = mp.mpf(x), mp.mpf(tx), mp.mpf(T)
    n = x + SHAPES[family]
    s = T - tx
    common = lg(r + k * x) - lg(r) + r * mp.log(alpha) - lg(a) - lg(b) + lg(a + b)
    total = mp.mpf(0)
    for j in range(k):
        total += s ** j * mp.rf(r + k * x, j) / mp.factorial(j) / (alpha + T) ** j
    alive = common + lg(a) + lg(b + n) - lg(a + b + n) + mp.log(total) - (r + k * x) * mp.log(alpha + T)
    if n == 0:
        return alive, mp.ninf
    left = common + lg(a + 1) + lg(b + n - 1) - lg(a + b + n) - (r + k * x) * mp.log(alpha + tx)
    return alive, left


def pareto_parts(p, x, tx, T):
    """Fader & Hardie 2005: alive, and dead by 2F1 at t_x minus 2F1 at T."""
    r, alpha, s, beta = map(mp.mpf, p)
    x, tx, T = mp.mpf(x), mp.mpf(tx), mp.mpf(T)
    common = lg(r + x) - lg(r) + r * mp.log(alpha) + s * mp.log(beta)
    alive = common - (r + x) * mp.log(alpha + T) - s * mp.log(beta + T)
    if tx == T:
        return alive, mp.ninf
    top, low = max(alpha, beta), min(alpha, beta)
    which = s + 1 if alpha >= beta else r + x

    def a0(t):
        z = (top - low) / (top + t)
        return mp.hyp2f1(r + s + x, which, r + s + x + 1, z, maxterms=10 ** 6) / (top + t) ** (r + s + x)
    with mp.extradps(40):
        dead = s / (r + s + x) * (a0(tx) - a0(T))
    return alive, common + mp.log(dead)


def parts(family, p, x, tx, T):
    return pareto_parts(p, x, tx, T) if family == 'paretonbd' else coin_parts(family, p, x, tx, T)


def log_likelihood(family, p, x, tx, T):
    alive, left = parts(family, p, x, tx, T)
    return alive if left == mp.ninf else mp.log(mp.exp(alive) + mp.exp(left))


def p_alive(family, p, x, tx, T):
    alive, left = parts(family, p, x, tx, T)
    return mp.mpf(1) if left == mp.ninf else 1 / (1 + mp.exp(left - alive))


def posterior(family, p, x, tx, T):
    """shape, scale, a, b', k and the weights of the stages done, given alive."""
    k = int(p[4]) if len(p) > 4 else 1
    shape = mp.mpf(p[0]) + k * mp.mpf(x)
    scale = mp.mpf(p[1]) + mp.mpf(T)
    v = (mp.mpf(T) - mp.mpf(tx)) / scale
    w = [mp.rf(shape, j) / mp.factorial(j) * v ** j for j in range(k)]
    total = sum(w)
    return shape, scale, mp.mpf(p[2]), mp.mpf(p[3]) + mp.mpf(x) + SHAPES.get(family, 0), k, [u / total for u in w]


def coin_visits(family, p, x, tx, T, t):
    """Given alive: Σ_m P(M = m) · (visits that m stages make), in whole-number arithmetic."""
    shape, scale, a, b, k, w = posterior(family, p, x, tx, T)
    total = mp.mpf(0)
    with mp.workdps(90):
        q = mp.mpf(t) / (scale + mp.mpf(t))
        bits = 240 + int(-(shape + k) * mp.log(1 - q, 2))
        one = 1 << bits
        tiny = 1 << (bits - 200)

        def fix(v):
            return int(mp.nint(v * (1 << 240)))
        fb, fab, f1 = fix(b), fix(a + b), fix(1)
        for j in range(k):
            rho = shape + j
            frho, fq = fix(rho), fix(q)
            mass, done, visits, survive, i, m = int((1 - q) ** rho * one), j, 0, f1, 0, 0
            acc = 0
            while True:
                acc += mass * visits >> 240
                if m > k and m > rho * q / (1 - q) and mass * (m + 1) < max(acc >> 190, 1):
                    break
                mass = (mass * (frho + m * f1) >> 240) * fq // (m + 1) >> 240
                m += 1
                done += 1
                if done == k:
                    visits += survive
                    survive = survive * (fb + i * f1) // (fab + i * f1)
                    i += 1
                    done = 0
            total += w[j] * mp.mpf(acc) / one
    return total


def visits(family, p, x, tx, T, t):
    if family != 'paretonbd':
        return coin_visits(family, p, x, tx, T, t)
    r, alpha, s, beta = map(mp.mpf, p)
    b = beta + mp.mpf(T)
    rate = (r + mp.mpf(x)) / (alpha + mp.mpf(T))
    with mp.workdps(80):
        if s == 1:
            return rate * b * mp.log1p(mp.mpf(t) / b)
        return rate * b / (s - 1) * (1 - (b / (b + mp.mpf(t))) ** (s - 1))


def returns(family, p, x, tx, T, t):
    """Given alive: chance of a visit within t."""
    if family != 'paretonbd':
        shape, scale, a, b, k, w = posterior(family, p, x, tx, T)
        q = mp.mpf(t) / (scale + mp.mpf(t))
        total = mp.mpf(0)
        with mp.workdps(90):
            for j in range(k):
                head = sum(mp.rf(shape + j, m) / mp.factorial(m) * q ** m for m in range(k - j))
                total += w[j] * (1 - (1 - q) ** (shape + j) * head)
        return total
    r, alpha, s, beta = map(mp.mpf, p)
    shape, A, B = r + mp.mpf(x), alpha + mp.mpf(T), beta + mp.mpf(T)
    f = lambda u: shape / A * (1 + u / A) ** (-shape - 1) * (1 + u / B) ** -s
    low = min(A / shape, A, B)
    t = mp.mpf(t)
    edges = [mp.mpf(0)]
    step = low / 8
    while step < t:
        edges.append(step)
        step *= 4
    with mp.workdps(30):
        return mp.quad(f, edges + [t])


def returns_ever(p, x, tx, T):
    """Given alive under paretonbd: chance of a visit at all, the same integral to infinity (Abramowitz & Stegun 1964, 15.3.1)."""
    r, alpha, s, beta = map(mp.mpf, p)
    shape = r + mp.mpf(x)
    return shape / (shape + s) * mp.hyp2f1(1, s, shape + s + 1, 1 - (alpha + mp.mpf(T)) / (beta + mp.mpf(T)))


def legendre_panels(f, top, first):
    """∫ from 0 to top by 20-node Gauss–Legendre on panels that double."""
    rule = mp.calculus.quadrature.GaussLegendre(mp.mp)
    with mp.workdps(25):
        nodes = rule.calc_nodes(3, mp.mp.prec)
        total, low, width = mp.mpf(0), mp.mpf(0), mp.mpf(first)
        while low < top:
            high = min(top, low + width)
            for x, w in nodes:
                total += w * (high - low) / 2 * f((high + low) / 2 + x * (high - low) / 2)
            low, width = high, width * 2
        return total


def tossed(a, b, z):
    """2F1(1, b; a+b; z) by Gauss's continued fraction, evaluated as Lentz does it.

    mpmath's own takes for ever, or gives up, where b is beyond 1e5; near 1 it is the faster one.
    """
    if z > 0.99 and b < 1e4:
        return mp.hyp2f1(1, b, a + b, z)
    value = up = mp.mpf(1)
    down, m, change = mp.mpf(0), 0, 0
    while abs(change - 1) > mp.eps:     # 1 / (1 − c₁z / (1 − c₂z / (1 − …)))
        half, odd = divmod(m, 2)
        top = (half + 1) * (a + half) if odd else (b + half) * (a + b + half - 1)
        part = -z * top / ((a + b + m - 1) * (a + b + m)) if m else -z * b / (a + b)
        down = 1 / (1 + part * down)
        up = 1 + part / up
        change = up * down
        value *= change
        m += 1
    return 1 / value


def discounted(family, p, x, tx, T, days, rate):
    """Given alive: ∫ e^(−rate t) dE."""
    rate = mp.mpf(rate)
    shape, scale, a, b, k, w = posterior(family, p, x, tx, T)
    if family == 'paretonbd':
        B = mp.mpf(p[3]) + mp.mpf(T)
        top = mp.mpf(70) / rate if mp.isinf(mp.mpf(days)) else mp.mpf(days)
        return shape / scale * legendre_panels(lambda t: mp.exp(-rate * t) * (1 + t / B) ** -a, top, min(B / (1 + a), 1 / abs(rate)) / 2)
    if not mp.isinf(mp.mpf(days)):      # by parts, of the exact sums
        days = mp.mpf(days)
        part = legendre_panels(lambda t: mp.exp(-rate * t) * coin_visits(family, p, x, tx, T, t), days, min(scale / shape, scale / 2, 4 / abs(rate)))
        return mp.exp(-rate * days) * coin_visits(family, p, x, tx, T, days) + rate * part

    def at(u):                          # at stage rate e^u / scale: a geometric-like series in φ^k
        y = mp.exp(u)
        phi = y / (y + rate * scale)
        total = mp.mpf(0)
        for j in range(k):
            total += w[j] * phi ** (k - j) * y ** j / mp.rf(shape, j)
        return total * tossed(a, b, phi ** k) * mp.exp(shape * u - y - lg(shape))
    with mp.workdps(25):                # trapezoidal, in steps so fine that a gamma density is exact to 30 digits
        step = mp.pi / mp.sqrt(700 + 120 * (shape + k))
        total = mp.mpf(0)
        for first, direction in ((mp.log(shape), step), (mp.log(shape) - step, -step)):
            u, best, value = first, mp.mpf(0), mp.inf
            while value > best * mp.mpf(10) ** -16:
                value = at(u)
                best = max(best, value)
                total += value * step
                u += direction
        return total


def discounted_otherwise(family, p, x, tx, T, rate):
    """The same for ever, given alive, by another integral and another rule (tanh–sinh).

    k = 1: over time, of the rate of visits at t, shape / scale (1−u)^(shape+1) 2F1(shape+1, b; a+b; u), u = t / (scale+t).
    k > 1: over φ = λ / (λ + rate).
    """
    shape, scale, a, b, k, w = posterior(family, p, x, tx, T)
    unit = mp.mpf(rate) * scale
    edges = [0, .1, .3, .5, .7, .8, .9, .95, .98, .99, .995, .999, .9999, 1]

    def at_time(u):
        return mp.exp(-unit * u / (1 - u)) * shape * (1 - u) ** (shape - 1) * mp.hyp2f1(shape + 1, b, a + b, u)

    def at_rate(phi):
        y = unit * phi / (1 - phi)
        visits = sum(w[j] * phi ** (k - j) * y ** j / mp.rf(shape, j) for j in range(k))
        density = mp.exp(shape * mp.log(y) - y - lg(shape)) / (phi * (1 - phi))
        return visits * mp.hyp2f1(1, b, a + b, phi ** k) * density
    with mp.workdps(30):
        return mp.quad(at_time if k == 1 else at_rate, edges)


def spend_log_likelihood(p, x, m):
    P, q, v = map(mp.mpf, p)
    x, m = mp.mpf(x), mp.mpf(m)
    return (lg(P * x + q) - lg(P * x) - lg(q) + q * mp.log(v) + (P * x - 1) * mp.log(m) + P * x * mp.log(x)
            - (P * x + q) * mp.log(v + x * m))


def spend(p, x, m):
    P, q, v = map(mp.mpf, p)
    if x == 0:
        return P * v / (q - 1)
    return P * (v + mp.mpf(x) * mp.mpf(m)) / (P * mp.mpf(x) + q - 1)
