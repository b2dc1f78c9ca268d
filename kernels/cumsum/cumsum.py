import triton
import triton.language as tl


@triton.jit
def cumsum_kernel(
    x,
    y,
    n_cols,
    stride_x,
    stride_y,
    REVERSE: tl.constexpr,
    ACC: tl.constexpr,
    BLOCK: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64)
    x += row * stride_x
    y += row * stride_y
    blocks = tl.cdiv(n_cols, BLOCK)
    carry = tl.full((), 0, dtype=ACC)
    for i in range(blocks):
        block = i
        if REVERSE:
            block = blocks - 1 - i
        cols = block * BLOCK + tl.arange(0, BLOCK)
        mask = cols < n_cols
        value = tl.load(x + cols, mask=mask, other=0).to(ACC)
        sums = tl.cumsum(value, axis=0, reverse=REVERSE) + carry
        tl.store(y + cols, sums.to(y.dtype.element_ty), mask=mask)
        carry += tl.sum(value, axis=0)
