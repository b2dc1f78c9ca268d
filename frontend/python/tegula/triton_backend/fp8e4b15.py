"""Triton's fp8e4b15: sign, 4 bits of exponent with bias 15, 3 of mantissa.

It has neither infinities nor NaN and isn't a type of MLIR: TTIR calls it i8, and a
backend writes its conversions. They go by way of float16, whose exponent has the
same bias, as NVIDIA's do: magnitudes end at 1.75, halves are rounded away from zero.
"""

from triton.language import core

#: 1.75 as float16.
_LARGEST = 0x3F00


def _to_float16(value, semantic):
    def number(n):
        return semantic.to_tensor(n)

    code = semantic.bitcast(value, _like(value, core.uint8))
    bits = semantic.cast(code, _like(value, core.int32))
    sign = semantic.shl(semantic.and_(bits, number(0x80)), number(8))
    magnitude = semantic.shl(semantic.and_(bits, number(0x7F)), number(7))
    half = semantic.cast(semantic.or_(sign, magnitude), _like(value, core.uint16))
    return semantic.bitcast(half, _like(value, core.float16))


def _from_float16(value, semantic):
    def number(n):
        return semantic.to_tensor(n)

    half = semantic.bitcast(value, _like(value, core.uint16))
    bits = semantic.cast(half, _like(value, core.int32))
    magnitude = semantic.and_(bits, number(0x7FFF))
    magnitude = semantic.minimum(magnitude, number(_LARGEST), core.PropagateNan.NONE)
    magnitude = semantic.lshr(semantic.add(magnitude, number(0x40), False), number(7))
    sign = semantic.lshr(semantic.and_(bits, number(0x8000)), number(8))
    code = semantic.cast(semantic.or_(sign, magnitude), _like(value, core.uint8))
    return semantic.bitcast(code, _like(value, core.float8e4b15))


def _like(value, scalar):
    return value.type.with_element_ty(scalar)


def convert(value, type, fp_downcast_rounding=None, _semantic=None):
    """`value` as `type`, one of which is fp8e4b15 (or a block of it)."""
    if value.dtype.is_fp8e4b15():
        return _semantic.cast(_to_float16(value, _semantic), type)
    if not value.dtype.is_fp16():
        single = _semantic.cast(value, _like(value, core.float32))
        value = _semantic.cast(single, _like(value, core.float16), "rtz")
    return _from_float16(value, _semantic)
