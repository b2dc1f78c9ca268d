import triton
import triton.language as tl


@triton.jit
def products_kernel(a, b, c, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    """(A B) (A B)^T (A B): three products of different shapes."""
    m = tl.arange(0, M)
    n = tl.arange(0, N)
    k = tl.arange(0, K)
    left = tl.load(a + m[:, None] * K + k[None, :])
    right = tl.load(b + k[:, None] * N + n[None, :])
    first = tl.dot(left, right).to(tl.bfloat16)
    square = tl.dot(first, tl.trans(first)).to(tl.bfloat16)
    third = tl.dot(square, first)
    tl.store(c + m[:, None] * N + n[None, :], third)
