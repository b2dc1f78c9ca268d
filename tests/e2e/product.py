import triton
import triton.language as tl


@triton.jit
def product_kernel(
    a, b, c, K, BLOCK: tl.constexpr, STEP: tl.constexpr, SUM: tl.constexpr
):
    rows = tl.arange(0, BLOCK)
    ks = tl.arange(0, STEP)
    acc = tl.zeros((BLOCK, BLOCK), dtype=SUM)
    for k in range(0, K, STEP):
        left = tl.load(a + rows[:, None] * K + k + ks[None, :])
        right = tl.load(b + (k + ks[:, None]) * BLOCK + rows[None, :])
        acc = tl.dot(left, right, acc)
    tl.store(c + rows[:, None] * BLOCK + rows[None, :], acc)
