import triton
import triton.language as tl


@triton.jit
def copy_kernel(
    x,
    y,
    M,
    N,
    stride_xm,
    stride_xn,
    stride_ym,
    stride_yn,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
):
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    cols = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    mask = (rows < M)[:, None] & (cols < N)[None, :]
    tile = tl.load(x + rows[:, None] * stride_xm + cols[None, :] * stride_xn, mask=mask)
    tl.store(y + rows[:, None] * stride_ym + cols[None, :] * stride_yn, tile, mask=mask)
