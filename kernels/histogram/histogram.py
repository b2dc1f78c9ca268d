import triton
import triton.language as tl


@triton.jit
def histogram_kernel(x, counts, n, BINS: tl.constexpr, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    values = tl.load(x + offsets, mask=mask, other=0)
    partial = tl.histogram(values, BINS, mask=mask)
    tl.atomic_add(counts + tl.arange(0, BINS), partial, mask=partial > 0, sem="relaxed")
