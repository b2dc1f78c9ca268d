import triton
import triton.language as tl


@triton.jit
def layernorm_backward_kernel(
    dy,
    x,
    weight,
    mean,
    rstd,
    dx,
    dweight,
    dbias,
    n_rows,
    n_cols,
    stride,
    BLOCK: tl.constexpr,
):
    # Few programs share all rows, so that the sums over rows stay in registers
    # and memory sees one atomic per program and column.
    cols = tl.arange(0, BLOCK)
    mask = cols < n_cols
    w = tl.load(weight + cols, mask=mask, other=0.0).to(tl.float32)
    dw = tl.zeros([BLOCK], dtype=tl.float32)
    db = tl.zeros([BLOCK], dtype=tl.float32)

    for row in range(tl.program_id(0), n_rows, tl.num_programs(0)):
        offsets = row * stride + cols
        x_row = tl.load(x + offsets, mask=mask, other=0.0).to(tl.float32)
        dy_row = tl.load(dy + offsets, mask=mask, other=0.0).to(tl.float32)
        row_mean = tl.load(mean + row)
        row_rstd = tl.load(rstd + row)

        normal = tl.where(mask, (x_row - row_mean) * row_rstd, 0.0)
        scaled = w * dy_row
        along_normal = tl.sum(normal * scaled, axis=0) / n_cols
        along_ones = tl.sum(scaled, axis=0) / n_cols
        dx_row = (scaled - along_ones - normal * along_normal) * row_rstd
        tl.store(dx + offsets, dx_row.to(dx.dtype.element_ty), mask=mask)

        dw += dy_row * normal
        db += dy_row

    tl.atomic_add(dweight + cols, dw, mask=mask)
    tl.atomic_add(dbias + cols, db, mask=mask)
