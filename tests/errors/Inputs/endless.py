import triton
import triton.language as tl


@triton.jit
def many(out):
    tl.atomic_add(out, 1)


@triton.jit
def waits(out):
    while tl.atomic_add(out, 0) == 0:
        pass


@triton.jit
def long(out):
    value = tl.load(out)
    while value < 1:
        value = value * 3
    tl.store(out, value)
