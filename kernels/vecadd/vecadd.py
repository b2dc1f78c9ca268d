import triton
import triton.language as tl


@triton.jit
def vecadd_kernel(x, y, out, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    a = tl.load(x + offsets, mask=mask)
    b = tl.load(y + offsets, mask=mask)
    tl.store(out + offsets, a + b, mask=mask)


def vecadd(x, y):
    import torch

    out = torch.empty_like(x)
    n = out.numel()
    vecadd_kernel[(triton.cdiv(n, 1024),)](x, y, out, n, BLOCK=1024)
    return out
