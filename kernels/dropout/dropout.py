import triton
import triton.language as tl


@triton.jit
def dropout_kernel(x, y, n, p, seed, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    value = tl.load(x + offsets, mask=mask)
    # The random number depends on the element only, not on the block or the
    # program: the backward pass draws the same ones again.
    keep = tl.rand(seed, offsets) >= p
    scaled = (value.to(tl.float32) / (1 - p)).to(value.dtype)
    tl.store(y + offsets, tl.where(keep, scaled, 0.0), mask=mask)
