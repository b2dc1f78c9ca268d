import triton
import triton.language as tl


@triton.jit
def silu(x):
    return x * tl.sigmoid(x)


@triton.jit
def swiglu_kernel(
    gate, up, out, n_cols, stride_gate, stride_up, stride_out, BLOCK: tl.constexpr
):
    row = tl.program_id(0).to(tl.int64)
    cols = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    mask = cols < n_cols
    g = tl.load(gate + row * stride_gate + cols, mask=mask, other=0).to(tl.float32)
    u = tl.load(up + row * stride_up + cols, mask=mask, other=0)
    result = silu(g).to(u.dtype) * u
    tl.store(out + row * stride_out + cols, result, mask=mask)
