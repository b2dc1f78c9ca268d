import triton
import triton.language as tl

SEVEN = tl.constexpr(7)


@triton.jit
def doubled(v):
    return v + v
