import triton
import triton.language as tl


@triton.jit
def sort_kernel(
    x, y, n_cols, stride_x, stride_y, DESCENDING: tl.constexpr, BLOCK: tl.constexpr
):
    # What fills the block up to a power of two must sort behind everything.
    dtype: tl.constexpr = x.dtype.element_ty
    if dtype.is_floating():
        last = -float("inf") if DESCENDING else float("inf")
    else:
        half: tl.constexpr = 2 ** (dtype.primitive_bitwidth - 1)
        last = -half if DESCENDING else half - 1

    row = tl.program_id(0).to(tl.int64)
    cols = tl.arange(0, BLOCK)
    mask = cols < n_cols
    values = tl.load(x + row * stride_x + cols, mask=mask, other=last)
    values = tl.sort(values, descending=DESCENDING)
    tl.store(y + row * stride_y + cols, values, mask=mask)
