import triton
import triton.language as tl


@triton.jit
def rmsnorm_kernel(
    x, y, weight, rstd, n_cols, stride_x, stride_y, eps, offset, BLOCK: tl.constexpr
):
    row = tl.program_id(0).to(tl.int64)
    cols = tl.arange(0, BLOCK)
    mask = cols < n_cols
    value = tl.load(x + row * stride_x + cols, mask=mask, other=0).to(tl.float32)
    w = tl.load(weight + cols, mask=mask, other=0).to(tl.float32)

    mean_square = tl.sum(value * value, axis=0) / n_cols
    inverse = tl.rsqrt(mean_square + eps)
    tl.store(rstd + row, inverse)

    result = value * inverse * (offset + w)
    tl.store(y + row * stride_y + cols, result.to(y.dtype.element_ty), mask=mask)
