import triton
import triton.language as tl


@triton.jit
def embedding_kernel(
    ids,
    weight,
    out,
    n,
    dim,
    stride_weight,
    stride_out,
    padding_id,
    BLOCK_N: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    places = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    cols = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    rows = tl.load(ids + places, mask=places < n, other=padding_id).to(tl.int64)
    inside = (places < n)[:, None] & (cols < dim)[None, :]
    used = inside & (rows != padding_id)[:, None]
    tile = tl.load(
        weight + rows[:, None] * stride_weight + cols[None, :], mask=used, other=0.0
    )
    tl.store(out + places[:, None] * stride_out + cols[None, :], tile, mask=inside)
