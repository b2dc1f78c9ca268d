import triton
import triton.language as tl


@triton.jit
def kernel(n):
    tl.device_assert(n < 4, "n is too large")
