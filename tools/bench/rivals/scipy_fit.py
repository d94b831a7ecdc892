"""Fits BG/NBD (Fader, Hardie & Lee 2005) to FILE with scipy; prints rows of the table result.

Arguments: FILE, round, microseconds that the export took.
"""
import sys
import time

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

file, number, exported = sys.argv[1], sys.argv[2], float(sys.argv[3]) / 1000
start = time.perf_counter()
x, recency, t = np.loadtxt(file, delimiter=",", unpack=True)
loaded = time.perf_counter()


def negative_log_likelihood(logs):
    r, alpha, a, b = np.exp(logs)
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + t)
    with np.errstate(divide="ignore"):
        gone = np.where(x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency), -np.inf)
    return -np.mean(common + np.logaddexp(alive, gone))


fit = minimize(negative_log_likelihood, np.log([1.0, t.mean(), 1.0, 1.0]), method="L-BFGS-B")
done = time.perf_counter()
print(f'rivals,BG/NBD model,"scipy: export, load, fit",{number},{exported + (done - start) * 1000:.1f}')
print(f'rivals,BG/NBD model,"scipy: the fit alone",{number},{(done - loaded) * 1000:.1f}')
parameters = ",".join(f"{value:.6g}" for value in np.exp(fit.x))
print(f"scipy: {{{parameters}}}, log-likelihood {-fit.fun * len(x):.4f}", file=sys.stderr)
