"""What a warm launch costs beside stock Triton's own part of it:

    python tests/clients/bench_launch.py [--torch]

Each kernel returns at once. It is launched through the package's launcher and
through one that does nothing, in turn; the rows have the smallest times in
microseconds and their ratio. NumPy arrays behind data_ptr(), or torch's tensors.
"""

import argparse
import math
import time

import numpy as np
import triton
import triton.language as tl


@triton.jit
def three(x, y, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + i, tl.load(x + i, mask=i < n) + tl.load(y + i, mask=i < n), mask=i < n)


@triton.jit
def sixteen(a, b, c, d, e, f, g, h, m, n, k, sa, sb, sc, sd, eps, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    total = tl.load(a + i * sa) + tl.load(b + i * sb) + tl.load(c + i * sc) + tl.load(d + i * sd)
    total += tl.load(e + i) + tl.load(f + i) + tl.load(g + i) + eps + m + n + k
    tl.store(h + i, total)


class Thin:
    """A NumPy array as kernels take it."""

    def __init__(self, array):
        self.array, self.dtype = array, "float32"

    def data_ptr(self):
        return self.array.ctypes.data


class Nothing:
    def __call__(self, *arguments):
        pass


def fastest(call, repeats=300, launches=20):
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(launches):
            call()
        best = min(best, (time.perf_counter() - start) / launches)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", action="store_true", help="pass torch's tensors")
    if parser.parse_args().torch:
        import torch

        array = lambda: torch.zeros(1024)  # noqa: E731
    else:
        array = lambda: Thin(np.zeros(1024, np.float32))  # noqa: E731
    arrays = [array() for _ in range(8)]
    calls = {
        "3 arrays, 1 number": lambda: three[(1,)](*arrays[:3], 16, BLOCK=16),
        "8 arrays, 8 numbers": lambda: sixteen[(1,)](*arrays, 2, 3, 4, 5, 6, 7, 8, 0.5, BLOCK=16),
    }
    print("| arguments | launched, us | without the launcher, us | ratio |\n|---|---|---|---|")
    for name, call in calls.items():
        kernel, ours, stock = call(), math.inf, math.inf
        launcher = kernel.run
        for _ in range(10):
            kernel._run = launcher
            ours = min(ours, fastest(call, 30))
            kernel._run = Nothing()
            stock = min(stock, fastest(call, 30))
        print(f"| {name} | {ours * 1e6:.2f} | {stock * 1e6:.2f} | {ours / stock:.2f} |")


if __name__ == "__main__":
    main()
