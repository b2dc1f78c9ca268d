import triton
import triton.language as tl


@triton.jit
def kernel(x):
    tl.store(x + tl.arange(0, 8), tl.program_id(0).to(tl.float32))
