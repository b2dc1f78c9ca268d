import triton
import triton.language as tl


@triton.jit
def matmul_int8_kernel(
    a,
    b,
    c,
    M,
    N,
    K,
    stride_am,
    stride_bk,
    stride_bn,
    stride_cm,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
):
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    cols = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    ks = tl.arange(0, BLOCK_K)
    a_tile = a + rows[:, None] * stride_am + ks[None, :]
    b_tile = b + ks[:, None] * stride_bk + cols[None, :] * stride_bn

    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.int32)
    for k in range(0, K, BLOCK_K):
        a_mask = (rows[:, None] < M) & (ks[None, :] < K - k)
        b_mask = (ks[:, None] < K - k) & (cols[None, :] < N)
        a_values = tl.load(a_tile, mask=a_mask, other=0)
        b_values = tl.load(b_tile, mask=b_mask, other=0)
        acc = tl.dot(a_values, b_values, acc)
        a_tile += BLOCK_K
        b_tile += BLOCK_K * stride_bk

    c_tile = c + rows[:, None] * stride_cm + cols[None, :]
    tl.store(c_tile, acc, mask=(rows[:, None] < M) & (cols[None, :] < N))
