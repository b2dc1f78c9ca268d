import triton
import triton.language as tl


@triton.jit
def scatter_add_kernel(
    index,
    source,
    out,
    n,
    dim,
    stride_source,
    stride_out,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    places = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    cols = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    mask = (places < n)[:, None] & (cols < dim)[None, :]
    rows = tl.load(index + places, mask=places < n, other=0)
    tile = tl.load(source + places[:, None] * stride_source + cols[None, :], mask=mask)
    tl.atomic_add(out + rows[:, None] * stride_out + cols[None, :], tile, mask=mask)
