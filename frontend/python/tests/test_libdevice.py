"""libdevice on this processor, against Python's and NumPy's own functions.

Floats are measured in ulp of float32 against float64 results; bits, integers and
conversions are exact.
"""

import math

import numpy as np
import pytest
import triton
import triton.language as tl
from arrays import Thin
from triton.language.extra import libdevice

from tegula.triton_backend import libdevice as BACKEND

BLOCK = 64


@triton.jit
def apply1(f: tl.constexpr, out_ptr, x_ptr, BLOCK: tl.constexpr):
    offs = tl.arange(0, BLOCK)
    tl.store(out_ptr + offs, f(tl.load(x_ptr + offs)))


@triton.jit
def apply2(f: tl.constexpr, out_ptr, x_ptr, y_ptr, BLOCK: tl.constexpr):
    offs = tl.arange(0, BLOCK)
    tl.store(out_ptr + offs, f(tl.load(x_ptr + offs), tl.load(y_ptr + offs)))


@triton.jit
def apply3(f: tl.constexpr, out_ptr, x_ptr, y_ptr, z_ptr, BLOCK: tl.constexpr):
    offs = tl.arange(0, BLOCK)
    tl.store(out_ptr + offs, f(tl.load(x_ptr + offs), tl.load(y_ptr + offs), tl.load(z_ptr + offs)))


@triton.jit
def apply4(f: tl.constexpr, out_ptr, w_ptr, x_ptr, y_ptr, z_ptr, BLOCK: tl.constexpr):
    offs = tl.arange(0, BLOCK)
    tl.store(
        out_ptr + offs,
        f(tl.load(w_ptr + offs), tl.load(x_ptr + offs), tl.load(y_ptr + offs), tl.load(z_ptr + offs)),
    )


def run(name, result, *operands):
    """The function over BLOCK elements, as an array of dtype `result`."""
    out = np.zeros(BLOCK, result)
    kernel = {1: apply1, 2: apply2, 3: apply3, 4: apply4}[len(operands)]
    function = getattr(BACKEND, name)
    kernel[(1,)](function, Thin(out), *[Thin(np.ascontiguousarray(o)) for o in operands], BLOCK=BLOCK)
    return out


def ulps(actual, expected):
    expected = np.asarray(expected, np.float64)
    spacing = np.spacing(np.maximum(np.abs(expected), np.finfo(np.float32).tiny).astype(np.float32))
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    return np.where(same, 0, np.abs(actual - expected) / spacing).max()


def spread(low, high):
    return np.linspace(low, high, BLOCK, dtype=np.float32)


def each(function, *operands):
    return [function(*(float(v) for v in values)) for values in zip(*operands)]


def norm_cdf(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def bessel_i(order, x):
    """By the trapezoidal rule on DLMF 10.32.3, exact for smooth periodic integrands."""
    t = np.linspace(0, math.pi, 401)
    y = np.exp(x * np.cos(t)) * np.cos(order * t)
    return (y[:-1].sum() + y[1:].sum()) / 2 / 400


FLOATS = {
    "acos": (math.acos, spread(-1, 1)),
    "acosh": (math.acosh, spread(1, 50)),
    "asin": (math.asin, spread(-1, 1)),
    "asinh": (math.asinh, spread(-50, 50)),
    "atan": (math.atan, spread(-50, 50)),
    "atan2": (math.atan2, spread(-3, 3), spread(5, -5)),
    "atanh": (math.atanh, spread(-0.99, 0.99)),
    "cbrt": (np.cbrt, spread(-50, 50)),
    "ceil": (math.ceil, spread(-5, 5)),
    "copysign": (math.copysign, spread(-3, 3), spread(5, -5)),
    "cos": (math.cos, spread(-20, 20)),
    "cosh": (math.cosh, spread(-10, 10)),
    "cospi": (lambda x: math.cos(math.pi * x), spread(-0.4, 0.4)),
    "cyl_bessel_i0": (lambda x: bessel_i(0, x), spread(-30, 30)),
    "cyl_bessel_i1": (lambda x: bessel_i(1, x), spread(-30, 30)),
    "erf": (math.erf, spread(-3, 3)),
    "erfc": (math.erfc, spread(-3, 8)),
    "exp": (math.exp, spread(-20, 20)),
    "exp10": (lambda x: 10.0**x, spread(-10, 10)),
    "exp2": (lambda x: 2.0**x, spread(-20, 20)),
    "expm1": (math.expm1, spread(-5, 5)),
    "fdim": (lambda x, y: max(x - y, 0), spread(-3, 3), spread(3, -3)),
    "floor": (math.floor, spread(-5, 5)),
    "fma": (lambda x, y, z: x * y + z, spread(-3, 3), spread(1, 2), spread(5, 4)),
    "fmod": (math.fmod, spread(-30, 30), spread(1, 2)),
    "hypot": (math.hypot, spread(-3, 3), spread(1, 2)),
    "j0": (None, spread(0, 10)),
    "lgamma": (math.lgamma, spread(0.1, 30)),
    "log": (math.log, spread(0.1, 50)),
    "log10": (math.log10, spread(0.1, 50)),
    "log1p": (math.log1p, spread(-0.9, 50)),
    "log2": (math.log2, spread(0.1, 50)),
    "logb": (lambda x: math.frexp(x)[1] - 1, spread(0.1, 50)),
    "nearbyint": (round, spread(-5, 5)),
    "norm3d": (lambda x, y, z: math.sqrt(x * x + y * y + z * z), spread(-3, 3), spread(1, 2), spread(0, 9)),
    "normcdf": (norm_cdf, spread(-5, 5)),
    "pow": (math.pow, spread(0.1, 10), spread(-5, 5)),
    "rcp_rn": (lambda x: 1 / x, spread(0.1, 10)),
    "remainder": (math.remainder, spread(-30, 30), spread(1, 2)),
    "rhypot": (lambda x, y: 1 / math.hypot(x, y), spread(-3, 3), spread(1, 2)),
    "rint": (round, spread(-5, 5)),
    "round": (lambda x: math.copysign(math.floor(abs(x) + 0.5), x), spread(-5, 5)),
    "rsqrt": (lambda x: 1 / math.sqrt(x), spread(0.1, 50)),
    "saturatef": (lambda x: min(max(x, 0), 1), spread(-1, 2)),
    "sin": (math.sin, spread(-20, 20)),
    "sinh": (math.sinh, spread(-10, 10)),
    "sinpi": (lambda x: math.sin(math.pi * x), spread(-0.4, 0.4)),
    "sqrt": (math.sqrt, spread(0, 50)),
    "tan": (math.tan, spread(-1.5, 1.5)),
    "tanh": (math.tanh, spread(-9, 9)),
    "tgamma": (math.gamma, spread(0.1, 20)),
    "trunc": (math.trunc, spread(-5, 5)),
    "fast_expf": (math.exp, spread(-20, 20)),
    "fast_dividef": (lambda x, y: x / y, spread(-3, 3), spread(1, 2)),
    "fast_powf": (math.pow, spread(0.1, 10), spread(-5, 5)),
}


@pytest.mark.parametrize("name", FLOATS)
def test_floats(name):
    function, *operands = FLOATS[name]
    actual = run(name, np.float32, *operands)
    if function is None:
        assert np.isfinite(actual).all()
        return
    # 2 ulp, and what the rounding of an operand costs near a root.
    assert ulps(actual, each(function, *operands)) <= 4


@pytest.mark.parametrize("inverse, function, x", [("erfinv", "erf", spread(-0.99, 0.99)),
                                                  ("erfcinv", "erfc", spread(0.01, 1.99)),
                                                  ("normcdfinv", "normcdf", spread(0.01, 0.99))])  # fmt: skip
def test_inverses(inverse, function, x):
    back = run(function, np.float32, run(inverse, np.float32, x))
    np.testing.assert_allclose(back, x, rtol=3e-6, atol=2e-7)


def integers(dtype, seed=0):
    info = np.iinfo(dtype)
    x = np.random.default_rng(seed).integers(info.min, info.max, BLOCK, dtype, endpoint=True)
    x[:4] = 0, 1, info.max, info.min
    return x


def bits_of(x):
    return [int(v) & ((1 << (8 * x.dtype.itemsize)) - 1) for v in x]


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_bits(dtype):
    x, width = integers(dtype), 8 * np.dtype(dtype).itemsize
    unsigned = bits_of(x)
    assert list(run("popc", np.int32, x)) == [v.bit_count() for v in unsigned]
    assert list(run("clz", np.int32, x)) == [width - v.bit_length() for v in unsigned]
    assert list(run("ffs", np.int32, x)) == [(v & -v).bit_length() for v in unsigned]
    assert bits_of(run("brev", dtype, x)) == [int(f"{v:0{width}b}"[::-1], 2) for v in unsigned]


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.int64, np.uint64])
def test_mulhi(dtype):
    x, y, width = integers(dtype), integers(dtype, 1), 8 * np.dtype(dtype).itemsize
    expected = [(int(a) * int(b)) >> width for a, b in zip(x, y)]
    assert [int(v) for v in run("mulhi", dtype, x, y)] == expected


@pytest.mark.parametrize("dtype", [np.int32, np.uint32])
def test_integers(dtype):
    x, y = integers(dtype), integers(dtype, 1)
    pairs = [(int(a), int(b)) for a, b in zip(x, y)]
    assert list(run("hadd", dtype, x, y)) == [(a + b) >> 1 for a, b in pairs]
    assert list(run("rhadd", dtype, x, y)) == [(a + b + 1) >> 1 for a, b in pairs]


def test_byte_perm():
    x, y = np.full(BLOCK, 0x33221100, np.int32), np.full(BLOCK, 0x77665544, np.int32)
    selector = np.full(BLOCK, 0x7531, np.int32)
    assert run("byte_perm", np.int32, x, y, selector)[0] == 0x77553311


SPECIAL = np.tile(np.array([0.0, -0.0, 1.5, -2.5, np.inf, -np.inf, np.nan, 3e9], np.float32), BLOCK // 8)


def test_classes():
    np.testing.assert_array_equal(run("isnan", np.int32, SPECIAL), np.isnan(SPECIAL))
    np.testing.assert_array_equal(run("isinf", np.int32, SPECIAL), np.isinf(SPECIAL))
    np.testing.assert_array_equal(run("finitef", np.int32, SPECIAL), np.isfinite(SPECIAL))
    np.testing.assert_array_equal(run("signbit", np.int32, SPECIAL), np.signbit(SPECIAL))


@pytest.mark.parametrize("mode, rounding", [("rn", np.rint), ("rz", np.trunc), ("rd", np.floor), ("ru", np.ceil)])
@pytest.mark.parametrize("source", ["float", "double"])
def test_conversions_saturate(source, mode, rounding):
    x = SPECIAL.astype(np.float32 if source == "float" else np.float64)
    for name, dtype in {"int": np.int32, "uint": np.uint32, "ll": np.int64, "ull": np.uint64}.items():
        info = np.iinfo(dtype)
        expected = [
            0 if np.isnan(v) else info.max if v >= info.max else info.min if v <= info.min else int(v)
            for v in rounding(x).astype(np.float64)
        ]
        assert [int(v) for v in run(f"{source}2{name}_{mode}", dtype, x)] == expected


def test_reinterpretation():
    x = SPECIAL
    np.testing.assert_array_equal(run("float_as_int", np.int32, x), x.view(np.int32))
    np.testing.assert_array_equal(run("int_as_float", np.float32, x.view(np.int32)), x)
    wide = np.linspace(-1e300, 1e300, BLOCK)
    high, low = run("double2hiint", np.int32, wide), run("double2loint", np.int32, wide)
    np.testing.assert_array_equal(run("hiloint2double", np.float64, high, low), wide)


@triton.jit
def through_the_interface(x_ptr):
    tl.store(x_ptr, libdevice.erf(tl.load(x_ptr)))


def test_the_interface_module_is_ours():
    x = np.array([0.5], np.float32)
    through_the_interface[(1,)](Thin(x))
    assert abs(x[0] - math.erf(0.5)) < 1e-6
