"""`triton.language.extra.libdevice` on this processor.

Most functions are CUDA's by name: the compiler knows what `__nv_erff` is, see
frontend/ttir/ConvertExtern. The rest is written here, in the language itself, with
CUDA's results: conversions to integers saturate, NaN becomes 0. Arithmetic rounded
up, down or to zero (`add_ru`, ...) is refused when the kernel is compiled.
"""

import triton
import triton.language as tl
from triton.language.extra.cuda import libdevice as _cuda
from triton.language.extra.cuda.libdevice import *  # noqa: F401,F403

# ---------------------------------------------------------------------------
# Bits
# ---------------------------------------------------------------------------


@triton.jit
def _unsigned(x):
    """The bits of an integer as 64 of them."""
    if x.dtype.primitive_bitwidth == 64:
        return x.to(tl.uint64, bitcast=True)
    else:
        return x.to(tl.uint32, bitcast=True).to(tl.uint64)


@triton.jit
def byte_perm(x, y, selector):
    bytes8 = _unsigned(x) | (_unsigned(y) << 32)
    result = _unsigned(selector) * 0
    for i in tl.static_range(4):
        choice = _unsigned(selector) >> (4 * i)
        byte = (bytes8 >> (8 * (choice & 7))) & 0xFF
        sign = tl.where((byte & 0x80) != 0, 0xFF, 0).to(tl.uint64)
        result |= tl.where((choice & 8) != 0, sign, byte) << (8 * i)
    return result.to(tl.uint32).to(tl.int32, bitcast=True)


# ---------------------------------------------------------------------------
# Floats
# ---------------------------------------------------------------------------


@triton.jit
def signbit(x):
    if x.dtype.primitive_bitwidth == 64:
        return (x.to(tl.int64, bitcast=True) < 0).to(tl.int32)
    else:
        return (x.to(tl.int32, bitcast=True) < 0).to(tl.int32)


@triton.jit
def pow(x, y):
    return _cuda.pow(x, y.to(x.dtype))


@triton.jit
def _bessel_i(x, ORDER: tl.constexpr):
    """I_0 and I_1 in float64 (DLMF 10.25.2 and 10.40.1). All terms of the series
    are positive; at 20 the asymptotic one ends below float64's precision."""
    a = tl.abs(x.to(tl.float64))
    near = tl.minimum(a, 20.0)
    quarter = near * near * 0.25
    term = quarter * 0.0 + 1.0
    series = term
    for k in range(1, 45):
        term = term * quarter / (k * (k + ORDER))
        series += term
    far = tl.maximum(a, 20.0)
    term = quarter * 0.0 + 1.0
    tail = term
    for k in range(1, 30):
        term = term * ((2 * k - 1) * (2 * k - 1) - 4 * ORDER * ORDER) / (8 * k * far)
        tail += term
    half = tl.exp(far * 0.5)
    tail = half * (tail / tl.sqrt(far * 6.283185307179586)) * half
    if ORDER == 1:
        series = series * near * 0.5
    result = tl.where(a <= 20.0, series, tail)
    if ORDER == 1:
        result = tl.where(x < 0, -result, result)
    return result.to(x.dtype)


@triton.jit
def cyl_bessel_i0(x):
    return _bessel_i(x, 0)


@triton.jit
def cyl_bessel_i1(x):
    return _bessel_i(x, 1)


# ---------------------------------------------------------------------------
# The same bits
# ---------------------------------------------------------------------------


@triton.jit
def hiloint2double(high, low):
    return ((_unsigned(high) << 32) | _unsigned(low)).to(tl.float64, bitcast=True)


@triton.jit
def double2loint(x):
    return x.to(tl.int64, bitcast=True).to(tl.int32)


@triton.jit
def double2hiint(x):
    return (x.to(tl.int64, bitcast=True) >> 32).to(tl.int32)


# ---------------------------------------------------------------------------
# Conversions
# ---------------------------------------------------------------------------


@triton.jit
def _round(x, MODE: tl.constexpr):
    if MODE == "rn":
        return _cuda.rint(x)
    elif MODE == "rz":
        return _cuda.trunc(x)
    elif MODE == "rd":
        return tl.floor(x)
    else:
        return tl.ceil(x)


@triton.jit
def _to_integer(x, TYPE: tl.constexpr, LOWEST: tl.constexpr, HIGHEST: tl.constexpr, MODE: tl.constexpr):
    r = _round(x, MODE)
    inside = (r > LOWEST) & (r < HIGHEST)
    value = tl.where(inside, r, 0.0).to(TYPE)
    value = tl.where(r <= LOWEST, LOWEST, value)
    return tl.where(r >= HIGHEST, HIGHEST, value)


@triton.jit
def _to_int(x, MODE: tl.constexpr):
    return _to_integer(x, tl.int32, -2147483648, 2147483647, MODE)


@triton.jit
def _to_uint(x, MODE: tl.constexpr):
    return _to_integer(x, tl.uint32, 0, 4294967295, MODE)


@triton.jit
def _to_ll(x, MODE: tl.constexpr):
    return _to_integer(x, tl.int64, -9223372036854775808, 9223372036854775807, MODE)


@triton.jit
def _to_ull(x, MODE: tl.constexpr):
    return _to_integer(x, tl.uint64, 0, 18446744073709551615, MODE)


@triton.jit
def float2int_rn(x):
    return _to_int(x, "rn")


@triton.jit
def float2int_rz(x):
    return _to_int(x, "rz")


@triton.jit
def float2int_rd(x):
    return _to_int(x, "rd")


@triton.jit
def float2int_ru(x):
    return _to_int(x, "ru")


@triton.jit
def float2uint_rn(x):
    return _to_uint(x, "rn")


@triton.jit
def float2uint_rz(x):
    return _to_uint(x, "rz")


@triton.jit
def float2uint_rd(x):
    return _to_uint(x, "rd")


@triton.jit
def float2uint_ru(x):
    return _to_uint(x, "ru")


@triton.jit
def float2ll_rn(x):
    return _to_ll(x, "rn")


@triton.jit
def float2ll_rz(x):
    return _to_ll(x, "rz")


@triton.jit
def float2ll_rd(x):
    return _to_ll(x, "rd")


@triton.jit
def float2ll_ru(x):
    return _to_ll(x, "ru")


@triton.jit
def float2ull_rn(x):
    return _to_ull(x, "rn")


@triton.jit
def float2ull_rz(x):
    return _to_ull(x, "rz")


@triton.jit
def float2ull_rd(x):
    return _to_ull(x, "rd")


@triton.jit
def float2ull_ru(x):
    return _to_ull(x, "ru")


@triton.jit
def double2int_rn(x):
    return _to_int(x, "rn")


@triton.jit
def double2int_rz(x):
    return _to_int(x, "rz")


@triton.jit
def double2int_rd(x):
    return _to_int(x, "rd")


@triton.jit
def double2int_ru(x):
    return _to_int(x, "ru")


@triton.jit
def double2uint_rn(x):
    return _to_uint(x, "rn")


@triton.jit
def double2uint_rz(x):
    return _to_uint(x, "rz")


@triton.jit
def double2uint_rd(x):
    return _to_uint(x, "rd")


@triton.jit
def double2uint_ru(x):
    return _to_uint(x, "ru")


@triton.jit
def double2ll_rn(x):
    return _to_ll(x, "rn")


@triton.jit
def double2ll_rz(x):
    return _to_ll(x, "rz")


@triton.jit
def double2ll_rd(x):
    return _to_ll(x, "rd")


@triton.jit
def double2ll_ru(x):
    return _to_ll(x, "ru")


@triton.jit
def double2ull_rn(x):
    return _to_ull(x, "rn")


@triton.jit
def double2ull_rz(x):
    return _to_ull(x, "rz")


@triton.jit
def double2ull_rd(x):
    return _to_ull(x, "rd")


@triton.jit
def double2ull_ru(x):
    return _to_ull(x, "ru")


@triton.jit
def int2float_rn(x):
    return x.to(tl.float32)


@triton.jit
def int2double_rn(x):
    return x.to(tl.float64)


# The type of x says what is converted.
uint2float_rn = ll2float_rn = ull2float_rn = double2float_rn = int2float_rn
uint2double_rn = ll2double_rn = ull2double_rn = int2double_rn
