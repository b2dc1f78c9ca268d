import triton
import triton.language as tl


@triton.jit
def divisions(out, BLOCK: tl.constexpr):
    # Widths below and above a vector, negative and 0; numbers that are negative
    # or overflow.
    pid = tl.program_id(0)
    w = (pid % 29) * (pid % 7) - 5
    h = pid % 5
    first = tl.where(pid % 11 == 0, 2147483600, pid * 37 - 400)
    i = first + tl.arange(0, BLOCK)
    at = out + 4 * (pid * BLOCK + tl.arange(0, BLOCK))
    row = i // w
    tl.store(at, row)
    tl.store(at + 1, i % w)
    tl.store(at + 2, row // h)
    tl.store(at + 3, row % h)
