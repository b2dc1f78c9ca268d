import triton
import triton.language as tl


@triton.jit
def softmax_kernel(x, y, n_rows, n_cols, stride_x, stride_y, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n_cols
    row_x = x + row.to(tl.int64) * stride_x
    row_y = y + row.to(tl.int64) * stride_y
    values = tl.load(row_x + cols, mask=mask, other=-float("inf")).to(tl.float32)
    values = values - tl.max(values, axis=0)
    numerator = tl.exp(values)
    result = numerator / tl.sum(numerator, axis=0)
    tl.store(row_y + cols, result.to(y.dtype.element_ty), mask=mask)


def softmax(x):
    import torch

    y = torch.empty_like(x)
    n_rows, n_cols = x.shape
    block = triton.next_power_of_2(n_cols)
    warps = 4 if block < 2048 else 8
    softmax_kernel[(n_rows,)](
        x, y, n_rows, n_cols, x.stride(0), y.stride(0), BLOCK=block, num_warps=warps
    )
    return y
