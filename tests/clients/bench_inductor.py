"""Inductor's kernels by Triton against its own C++ backend, in one process:

    python tests/clients/bench_inductor.py [--seconds S] [NAME...]

Both run in turn; a row has the smallest time of each, in microseconds, and their
ratio: above 1 the Triton kernel is the faster one. The last line is the geometric
mean. Two sizes each: one that fits into the caches and one that doesn't.
"""

import argparse
import math
import time

import torch
import torch.nn.functional as F

CASES = {
    "add": (lambda x, y, w: x + y),
    "gelu": (lambda x, y, w: F.gelu(x)),
    "swiglu": (lambda x, y, w: F.silu(x) * y),
    "polynomial": (lambda x, y, w: ((x * 0.3 + 1) * x - y) * x + w),
    "sin_exp": (lambda x, y, w: torch.sin(x) * torch.exp(-y.abs())),
    "transposed_add": (lambda x, y, w: x + y.reshape(y.shape[1], y.shape[0]).t()),
    "to_bf16": (lambda x, y, w: (x * y).to(torch.bfloat16)),
    "dropout_mask": (lambda x, y, w: torch.where(y > 0.25, x * (1 / 0.75), 0.0)),
    "sum_rows": (lambda x, y, w: x.sum(-1)),
    "sum_columns": (lambda x, y, w: x.sum(0)),
    "sum_of_all": (lambda x, y, w: (x * y).sum()),
    "max_rows": (lambda x, y, w: x.amax(-1)),
    "argmax_rows": (lambda x, y, w: x.argmax(-1)),
    "variance_rows": (lambda x, y, w: x.var(-1)),
    "softmax": (lambda x, y, w: F.softmax(x, -1)),
    "log_softmax": (lambda x, y, w: F.log_softmax(x, -1)),
    "layernorm": (lambda x, y, w: F.layer_norm(x, (x.shape[-1],), w, w)),
    "rmsnorm_residual": (lambda x, y, w: F.rms_norm(x + y, (x.shape[-1],), w)),
    "batchnorm": (lambda x, y, w: F.batch_norm(x, None, None, w, w, training=True)),
    "groupnorm": (lambda x, y, w: F.group_norm(x.reshape(-1, 16, x.shape[-1]), 4)),
}
SHAPES = [(256, 1000), (4096, 1024)]


def compiled(function, backend, inputs):
    result = torch.compile(function, fullgraph=True, dynamic=False, options={"cpu_backend": backend})
    result(*inputs)
    return result


def fastest_of_each(functions, inputs, seconds):
    """The smallest time of each; they take turns, so noise meets all alike."""
    best = [math.inf] * len(functions)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for i, function in enumerate(functions):
            function(*inputs)
            for _ in range(3):
                start = time.perf_counter()
                function(*inputs)
                best[i] = min(best[i], time.perf_counter() - start)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(CASES))
    parser.add_argument("--seconds", type=float, default=0.5, help="for each row")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.names or CASES:
        for shape in SHAPES:
            torch.manual_seed(0)
            inputs = [torch.randn(shape), torch.randn(shape), torch.randn(shape[-1])]
            rows.append((name, shape, inputs, [compiled(CASES[name], b, inputs) for b in ("triton", "cpp")]))
    print("| case | shape | triton, us | C++, us | ratio |\n|---|---|---|---|---|")
    logs = []
    for name, shape, inputs, functions in rows:
        ours, theirs = fastest_of_each(functions, inputs, arguments.seconds)
        logs.append(math.log(theirs / ours))
        print(f"| {name} | {shape[0]}x{shape[1]} | {ours * 1e6:.1f} | {theirs * 1e6:.1f} | {theirs / ours:.2f} |", flush=True)
    print(f"\ngeometric mean of {len(logs)}: {math.exp(sum(logs) / len(logs)):.2f}")


if __name__ == "__main__":
    main()
