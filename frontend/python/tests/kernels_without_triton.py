"""Kernels in a file that knows nothing of Triton."""

import tegula
import tegula.language as tl
from tegula.language.extra import libdevice

SCALE = 2.0


@tegula.jit
def helper(x):
    return x * SCALE


@tegula.jit
def scale(x_ptr, y_ptr, n, BLOCK: tl.constexpr):
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(y_ptr + offs, helper(tl.load(x_ptr + offs, mask=offs < n)), mask=offs < n)


@tegula.jit
def cast(x_ptr, y_ptr, n, BLOCK: tl.constexpr, DTYPE: tl.constexpr = tl.int32):
    offs = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + offs, mask=offs < n)
    tl.store(y_ptr + offs, x.to(DTYPE), mask=offs < n)


@tegula.jit
def refuse(x_ptr, BLOCK: tl.constexpr):
    offs = tl.arange(0, BLOCK)
    tl.store(x_ptr + offs, unknown_name)  # noqa: F821


@tegula.jit
def positive(x_ptr, n, BLOCK: tl.constexpr):
    offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    x = tl.load(x_ptr + offs, mask=offs < n, other=1.0)
    tl.device_assert(x > 0, "not positive")


@tegula.jit
def add_scalars(y_ptr, a, b, c):
    tl.store(y_ptr, a + b + c)


@tegula.jit
def gauss(x_ptr, BLOCK: tl.constexpr):
    offs = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + offs)
    tl.store(x_ptr + offs, libdevice.erf(x) + tl.math.exp(-x * x))
