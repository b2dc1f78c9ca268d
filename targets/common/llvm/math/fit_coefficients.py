#!/usr/bin/env python3
"""Derives the coefficients of MathCoefficients.h.

Remez's exchange algorithm on the weighted error, in 60-digit arithmetic; the
results are rounded to the working format at the end. Run by hand:

  pip install mpmath && python3 fit_coefficients.py > ../MathCoefficients.h
"""
import struct
import mpmath as mp

mp.mp.dps = 60


def solve_exchange(rows, right):
    return list(mp.lu_solve(mp.matrix(rows), mp.matrix(right)))


def extrema(error, low, high, count, samples=1200):
    """The `count` alternating extremes of the error, largest kept."""
    xs = [low + (high - low) * (1 - mp.cos(mp.pi * i / samples)) / 2
          for i in range(samples + 1)]
    es = [error(x) for x in xs]
    picked = []
    for i, (x, e) in enumerate(zip(xs, es)):
        left = i == 0 or abs(e) >= abs(es[i - 1]) or e * es[i - 1] < 0
        right = i == samples or abs(e) >= abs(es[i + 1]) or e * es[i + 1] < 0
        if not (left and right):
            continue
        if picked and picked[-1][1] * e > 0:
            if abs(e) > abs(picked[-1][1]):
                picked[-1] = (x, e)
        else:
            picked.append((x, e))
    while len(picked) > count:
        if abs(picked[0][1]) < abs(picked[-1][1]):
            picked.pop(0)
        else:
            picked.pop()
    return picked


def remez(target, weight, basis, low, high, rounds=25):
    """c with sum c_j basis_j(x) close to target(x), error relative to weight."""
    n = len(basis)
    low, high = mp.mpf(low), mp.mpf(high)
    nodes = [low + (high - low) * (1 - mp.cos(mp.pi * (i + mp.mpf(1) / 2)
                                              / (n + 1))) / 2
             for i in range(n + 1)]
    best = None
    for _ in range(rounds):
        rows = [[phi(x) for phi in basis] + [(-1) ** i * weight(x)]
                for i, x in enumerate(nodes)]
        solution = solve_exchange(rows, [target(x) for x in nodes])
        c, level = solution[:n], abs(solution[n])

        def error(x):
            return (sum(a * phi(x) for a, phi in zip(c, basis))
                    - target(x)) / weight(x)

        picked = extrema(error, low, high, n + 1)
        worst = max(abs(e) for _, e in picked)
        if best is None or worst < best[1]:
            best = (c, worst)
        if len(picked) < n + 1 or worst < level * mp.mpf("1.0005"):
            break
        nodes = [x for x, _ in picked]
    return best


def polynomial(f, terms, low, high, weight=None):
    basis = [lambda x, k=k: x ** k for k in range(terms)]
    return remez(f, weight or f, basis, low, high)


def single(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def emit(name, values, error, note, double=False):
    print(f"/// {note} Fit error: {mp.nstr(error, 3)}.")
    kind = "double" if double else "float"
    print(f"inline constexpr double {name}[] = {{")
    for v in values:
        print("    " + (float(v) if double else single(v)).hex() + ",")
    print(f"}}; // {kind}\n")


def tail(f, x, start, coefficients):
    """(f(x) - the first terms) / x^start, by series near 0."""
    if abs(x) < mp.mpf("1e-12"):
        return coefficients(start) + x * coefficients(start + 1)
    return (f(x) - sum(coefficients(k) * x ** k for k in range(start))) \
        / x ** start


ln2 = mp.log(2)
H = ln2 / 2 * mp.mpf("1.0005")
HALF = mp.mpf("0.50001")
exp_c = lambda k: 1 / mp.factorial(k)
exp2_c = lambda k: ln2 ** k / mp.factorial(k)
log_c = lambda k: mp.mpf(0) if k == 0 else mp.mpf((-1) ** (k + 1)) / k
low_m, high_m = mp.sqrt(mp.mpf("0.5")) - 1, mp.sqrt(mp.mpf(2)) - 1


def exp_tail(terms, name, double):
    c, e = polynomial(lambda x: tail(mp.exp, x, 2, exp_c), terms, -H, H,
                      lambda x: mp.exp(x) / max(x * x, mp.mpf("1e-3")))
    emit(name, c, e, "exp(r) = 1 + r + r^2 * p(r), |r| <= ln(2)/2.", double)


def exp2_tail(terms, name, double):
    c, e = polynomial(lambda x: tail(lambda v: mp.mpf(2) ** v, x, 1, exp2_c),
                      terms, -HALF, HALF,
                      lambda x: mp.mpf(2) ** x / max(abs(x), mp.mpf("1e-2")))
    emit(name, c, e, "2^r = 1 + r * p(r), |r| <= 1/2.", double)


def log_tail(terms, name):
    c, e = polynomial(lambda x: tail(mp.log1p, x, 3, log_c), terms, low_m,
                      high_m, lambda x: mp.mpf(1) / max(x * x, mp.mpf("1e-4")))
    emit(name, c, e,
         "log(1 + f) = f - f^2/2 + f^3 * p(f), sqrt(1/2) <= 1 + f <= sqrt(2).")


def atanh_tail(terms, name):
    top = (mp.sqrt(mp.mpf(2)) - 1) / (mp.sqrt(mp.mpf(2)) + 1)

    def f(z):
        if z < mp.mpf("1e-20"):
            return mp.mpf(2) / 3
        s = mp.sqrt(z)
        return (mp.log((1 + s) / (1 - s)) / s - 2) / z
    c, e = polynomial(f, terms, 0, top * top * mp.mpf("1.001"),
                      lambda z: 1 / max(z, mp.mpf("1e-4")))
    emit(name, c, e, "log((1+s)/(1-s)) = 2s + s^3 * p(s^2).", True)


def trig():
    Z = (mp.pi / 4 * mp.mpf("1.001")) ** 2
    sin_tail = lambda z: (-mp.mpf(1) / 6 if z < mp.mpf("1e-20") else
                          (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z)
    c, e = polynomial(sin_tail, 3, 0, Z, lambda z: 1 / max(z, mp.mpf("1e-4")))
    emit("kSin", c, e, "sin(r) = r + r^3 * p(r^2), |r| <= pi/4.")
    cos_tail = lambda z: (mp.mpf(1) / 24 if z < mp.mpf("1e-20") else
                          (mp.cos(mp.sqrt(z)) - 1 + z / 2) / (z * z))
    c, e = polynomial(cos_tail, 3, 0, Z,
                      lambda z: 1 / max(z * z, mp.mpf("1e-4")))
    emit("kCos", c, e, "cos(r) = 1 - r^2/2 + r^4 * p(r^2), |r| <= pi/4.")


def tanh_tail():
    Z = mp.mpf("0.625") ** 2
    tail = lambda z: (-mp.mpf(1) / 3 if z < mp.mpf("1e-20") else
                      (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z)
    c, e = polynomial(tail, 5, 0, Z, lambda z: 1 / max(z, mp.mpf("1e-4")))
    emit("kTanh", c, e, "tanh(x) = x + x^3 * p(x^2), |x| <= 0.625.")


def erf_tails():
    Z = mp.mpf("0.921875") ** 2
    slope = 2 / mp.sqrt(mp.pi)
    head = lambda z: (slope if z < mp.mpf("1e-24") else
                      mp.erf(mp.sqrt(z)) / mp.sqrt(z)) - 1
    c, e = polynomial(head, 6, 0, Z, lambda z: mp.mpf(1))
    emit("kErf", c, e, "erf(x) = x + x * p(x^2), |x| <= 0.921875.")
    # An error of the exponent counts as much as what is subtracted from 1.
    tail = lambda t: mp.log(mp.erfc(t)) / ln2 / t
    c, e = polynomial(tail, 8, "0.921875", "3.93",
                      lambda t: 1 / (t * mp.erfc(t)))
    emit("kErfTail", c, e,
         "erf(x) = 1 - 2^(x * p(x)), 0.921875 <= x <= 3.93.")


def main():
    print("""//===- MathCoefficients.h - Polynomials of ExpandMath -----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Written by math/fit_coefficients.py: Remez fits in 60 digits, rounded to the
// format at the end of each table. Lowest power first.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_MATHCOEFFICIENTS_H
#define TEGULA_TARGETS_COMMON_LLVM_MATHCOEFFICIENTS_H

namespace tegula::targets::coefficients {
""")
    exp_tail(5, "kExp", False)
    exp_tail(10, "kExpF64", True)
    exp2_tail(6, "kExp2", False)
    exp2_tail(11, "kExp2F64", True)
    exp2_tail(8, "kExp2Pow", True)
    log_tail(9, "kLog")
    atanh_tail(8, "kLogF64")
    atanh_tail(6, "kLogPow")
    trig()
    tanh_tail()
    erf_tails()
    print("""} // namespace tegula::targets::coefficients

#endif // TEGULA_TARGETS_COMMON_LLVM_MATHCOEFFICIENTS_H""")


main()
