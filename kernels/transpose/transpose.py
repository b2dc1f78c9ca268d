import triton
import triton.language as tl


@triton.jit
def transpose_kernel(
    x, y, M, N, stride_xm, stride_ym, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr
):
    first_row = tl.program_id(0) * BLOCK_M
    first_col = tl.program_id(1) * BLOCK_N
    rows = first_row + tl.arange(0, BLOCK_M)[:, None]
    cols = first_col + tl.arange(0, BLOCK_N)[None, :]
    tile = tl.load(x + rows * stride_xm + cols, mask=(rows < M) & (cols < N))

    # Columns of x are rows of y: both the load and the store are contiguous.
    rows = first_col + tl.arange(0, BLOCK_N)[:, None]
    cols = first_row + tl.arange(0, BLOCK_M)[None, :]
    tl.store(y + rows * stride_ym + cols, tl.trans(tile), mask=(rows < N) & (cols < M))
