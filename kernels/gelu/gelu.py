import triton
import triton.language as tl
from triton.language.extra import libdevice


@triton.jit
def gelu_tanh(x):
    # sqrt(2 / pi) * (x + 0.044715 x^3)
    inner = 0.7978845608028654 * x * (1.0 + 0.044715 * x * x)
    return 0.5 * x * (1.0 + libdevice.tanh(inner))


@triton.jit
def gelu_erf(x):
    return 0.5 * x * (1.0 + tl.erf(x * 0.7071067811865476))


@triton.jit
def gelu_kernel(x, y, n, APPROXIMATE: tl.constexpr, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    value = tl.load(x + offsets, mask=mask).to(tl.float32)
    if APPROXIMATE == "tanh":
        value = gelu_tanh(value)
    else:
        tl.static_assert(APPROXIMATE == "none", "APPROXIMATE is 'tanh' or 'none'")
        value = gelu_erf(value)
    tl.store(y + offsets, value.to(y.dtype.element_ty), mask=mask)
