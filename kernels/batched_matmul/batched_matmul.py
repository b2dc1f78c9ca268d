import triton
import triton.language as tl


@triton.jit
def batched_matmul_kernel(
    a,
    b,
    c,
    M,
    N,
    K,
    stride_az,
    stride_am,
    stride_ak,
    stride_bz,
    stride_bk,
    stride_bn,
    stride_cz,
    stride_cm,
    stride_cn,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
    PRECISION: tl.constexpr,
):
    batch = tl.program_id(2).to(tl.int64)
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    cols = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    ks = tl.arange(0, BLOCK_K)

    # Rows and columns beyond the matrix wrap around: what they compute is never
    # stored, and the loads in the loop need no mask for them.
    a += batch * stride_az
    b += batch * stride_bz
    a_tile = a + (rows % M)[:, None] * stride_am + ks[None, :] * stride_ak
    b_tile = b + ks[:, None] * stride_bk + (cols % N)[None, :] * stride_bn

    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for step in range(0, tl.cdiv(K, BLOCK_K)):
        rest = K - step * BLOCK_K
        a_values = tl.load(a_tile, mask=ks[None, :] < rest, other=0.0)
        b_values = tl.load(b_tile, mask=ks[:, None] < rest, other=0.0)
        acc += tl.dot(a_values, b_values, input_precision=PRECISION)
        a_tile += BLOCK_K * stride_ak
        b_tile += BLOCK_K * stride_bk

    c += batch * stride_cz
    c_tile = c + rows[:, None] * stride_cm + cols[None, :] * stride_cn
    mask = (rows[:, None] < M) & (cols[None, :] < N)
    tl.store(c_tile, acc.to(c.dtype.element_ty), mask=mask)
