"""Kernels in the Triton language on any processor.

Beside stock Triton this package is its backend `cpu`: nothing needs to be
imported. Without Triton, `tegula.jit` compiles and launches:

    import numpy as np, tegula, tegula.language as tl

    @tegula.jit
    def double(x, n, BLOCK: tl.constexpr):
        i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
        tl.store(x + i, 2 * tl.load(x + i, mask=i < n), mask=i < n)

    x = np.ones(1000, np.float32)
    double[(tegula.cdiv(1000, 256),)](x, 1000, BLOCK=256)
"""

from . import _libraries  # noqa: F401, before the module that needs them
from ._tegula import AssertionFailed, CompileError, LaunchError, TargetUnavailable
from .function import Function, jit
from .launching import launch

__version__ = "0.1.0"
__all__ = [
    "AssertionFailed",
    "CompileError",
    "Function",
    "LaunchError",
    "TargetUnavailable",
    "cdiv",
    "jit",
    "launch",
    "next_power_of_2",
]


def cdiv(x: int, y: int) -> int:
    """x / y, rounded up."""
    return -(-x // y)


def next_power_of_2(n: int) -> int:
    """The smallest power of two that isn't below n."""
    return 1 << max(n - 1, 0).bit_length()
