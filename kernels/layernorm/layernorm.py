import triton
import triton.language as tl


@triton.jit
def layernorm_kernel(
    x,
    y,
    weight,
    bias,
    mean,
    rstd,
    n_cols,
    stride_x,
    stride_y,
    eps,
    BLOCK: tl.constexpr,
):
    row = tl.program_id(0)
    x += row.to(tl.int64) * stride_x
    y += row.to(tl.int64) * stride_y

    total = tl.zeros([BLOCK], dtype=tl.float32)
    for start in range(0, n_cols, BLOCK):
        cols = start + tl.arange(0, BLOCK)
        total += tl.load(x + cols, mask=cols < n_cols, other=0.0).to(tl.float32)
    average = tl.sum(total, axis=0) / n_cols

    squares = tl.zeros([BLOCK], dtype=tl.float32)
    for start in range(0, n_cols, BLOCK):
        cols = start + tl.arange(0, BLOCK)
        value = tl.load(x + cols, mask=cols < n_cols, other=0.0).to(tl.float32)
        centred = tl.where(cols < n_cols, value - average, 0.0)
        squares += centred * centred
    inverse = 1.0 / tl.sqrt(tl.sum(squares, axis=0) / n_cols + eps)

    tl.store(mean + row, average)
    tl.store(rstd + row, inverse)
    for start in range(0, n_cols, BLOCK):
        cols = start + tl.arange(0, BLOCK)
        mask = cols < n_cols
        value = tl.load(x + cols, mask=mask, other=0.0).to(tl.float32)
        w = tl.load(weight + cols, mask=mask).to(tl.float32)
        b = tl.load(bias + cols, mask=mask).to(tl.float32)
        result = (value - average) * inverse * w + b
        tl.store(y + cols, result.to(y.dtype.element_ty), mask=mask)
