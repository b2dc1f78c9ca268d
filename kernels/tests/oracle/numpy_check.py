"""Compares the corpus' C++ references with NumPy on every smoke case:

  python3 numpy_check.py BUILD/bin/tegula-corpus-reference [KERNEL..]

Each function below says again, in float64 and independently of the C++ text,
what a kernel computes: it takes the case's arguments (arrays as float64) and
returns the expected outputs. Exit status 77 means that NumPy is missing.
"""

import math
import sys

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is not installed (Debian: python3-numpy)")
    sys.exit(77)

import corpus


class Arguments(dict):
    """Arguments as attributes."""

    __getattr__ = dict.__getitem__


def strided(array, shape, strides):
    """A view by element strides, as the kernels address memory."""
    size = array.itemsize
    return np.lib.stride_tricks.as_strided(
        array, shape, [stride * size for stride in strides], writeable=False
    )


def rows_of(array, count, cols, stride):
    return strided(array, (count, cols), (stride, 1))


def softmax_of(x):
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def lse_of(x):
    largest = x.max(axis=-1)
    return largest + np.log(np.exp(x - largest[..., None]).sum(axis=-1))


def vecadd(a):
    return {"out": a.x + a.y}


def copy(a):
    y = a.y.copy()
    assert (a.stride_ym, a.stride_yn) == (y.shape[1], 1)
    y[: a.M, : a.N] = strided(a.x, (a.M, a.N), (a.stride_xm, a.stride_xn))
    return {"y": y}


def transpose(a):
    return {"y": a.x.T}


def gelu(a):
    if a.APPROXIMATE == "tanh":
        gate = np.tanh(math.sqrt(2 / math.pi) * (a.x + 0.044715 * a.x**3))
    else:
        gate = np.vectorize(math.erf)(a.x / math.sqrt(2))
    return {"y": 0.5 * a.x * (1 + gate)}


def swiglu(a):
    shape = a.out.shape
    gate = rows_of(a.gate, *shape, a.stride_gate)
    up = rows_of(a.up, *shape, a.stride_up)
    return {"out": gate / (1 + np.exp(-gate)) * up}


def softmax(a):
    return {"y": softmax_of(rows_of(a.x, a.n_rows, a.n_cols, a.stride_x))}


def layernorm(a):
    x = rows_of(a.x, a.mean.size, a.n_cols, a.stride_x)
    mean, rstd = x.mean(axis=1), 1 / np.sqrt(x.var(axis=1) + a.eps)
    y = (x - mean[:, None]) * rstd[:, None] * a.weight + a.bias
    return {"y": y, "mean": mean, "rstd": rstd}


def layernorm_backward(a):
    normal = (a.x - a.mean[:, None]) * a.rstd[:, None]
    scaled = a.dy * a.weight
    along = (normal * scaled).mean(axis=1, keepdims=True)
    dx = a.rstd[:, None] * (
        scaled - scaled.mean(axis=1, keepdims=True) - normal * along
    )
    return {
        "dx": dx,
        "dweight": a.dweight + (a.dy * normal).sum(axis=0),
        "dbias": a.dbias + a.dy.sum(axis=0),
    }


def rmsnorm(a):
    x = rows_of(a.x, a.rstd.size, a.n_cols, a.stride_x)
    rstd = (np.square(x).mean(axis=1) + a.eps) ** -0.5
    return {"y": x * rstd[:, None] * (a.offset + a.weight), "rstd": rstd}


def philox(seed, offsets):
    """The first word of Philox 4x32-10 for (offset, 0, 0, 0)."""
    low = np.uint64(0xFFFFFFFF)
    c0 = offsets.astype(np.uint64)
    c1, c2, c3 = np.zeros_like(c0), np.zeros_like(c0), np.zeros_like(c0)
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        a = np.uint64(0xD2511F53) * c0
        b = np.uint64(0xCD9E8D57) * c2
        c0 = (b >> np.uint64(32)) ^ c1 ^ np.uint64(k0)
        c2 = (a >> np.uint64(32)) ^ c3 ^ np.uint64(k1)
        c1, c3 = b & low, a & low
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0.astype(np.uint32)


def dropout(a):
    words = philox(a.seed, np.arange(a.n)).view(np.int32)
    words = np.where(words < 0, ~words, words)
    p = np.float32(a.p)
    keep = words.astype(np.float32) * np.float32(4.6566127342e-10) >= p
    return {"y": np.where(keep, a.x / (1 - float(p)), 0)}


def cross_entropy(a):
    target = a.target.astype(np.int64)
    used = target != a.ignore_index
    lse = lse_of(a.logits)
    picked = a.logits[np.arange(target.size), np.where(used, target, 0)]
    plain, smooth = lse - picked, lse - a.logits.mean(axis=1)
    loss = (1 - a.SMOOTHING) * plain + a.SMOOTHING * smooth
    return {"loss": np.where(used, loss, 0), "lse": np.where(used, lse, 0)}


def matmul(a):
    left = strided(a.a, (a.M, a.K), (a.stride_am, a.stride_ak))
    right = strided(a.b, (a.K, a.N), (a.stride_bk, a.stride_bn))
    c = left @ right
    slope = {"none": 1, "relu": 0, "leaky_relu": 0.01}[a.ACTIVATION]
    return {"c": np.where(c >= 0, c, slope * c)}


def matmul_int8(a):
    left = strided(a.a, (a.M, a.K), (a.stride_am, 1))
    right = strided(a.b, (a.K, a.N), (a.stride_bk, a.stride_bn))
    return {"c": left @ right}


def batched_matmul(a):
    batch = a.c.shape[0]
    left = strided(a.a, (batch, a.M, a.K), (a.stride_az, a.stride_am, a.stride_ak))
    right = strided(a.b, (batch, a.K, a.N), (a.stride_bz, a.stride_bk, a.stride_bn))
    return {"c": left @ right}


def attention(a):
    k, v = (np.repeat(x, a.kv_group, axis=0) for x in (a.k, a.v))
    scores = a.q @ k.transpose(0, 2, 1) * a.scale
    if a.CAUSAL:
        hidden = np.triu(np.ones(scores.shape[1:], bool), 1)
        scores = np.where(hidden, -np.inf, scores)
    return {"out": softmax_of(scores) @ v, "lse": lse_of(scores)}


def conv2d(a):
    pad = ((0, 0), (0, 0), (a.padding, a.padding), (a.padding, a.padding))
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(a.x, pad), (a.R, a.S), axis=(2, 3)
    )[:, :, :: a.stride, :: a.stride]
    y = np.einsum("nchwrs,kcrs->nkhw", windows, a.weight)
    return {"y": y + a.bias[:, None, None]}


def histogram(a):
    return {"counts": a.counts + np.bincount(a.x.astype(np.int64), minlength=a.BINS)}


def cumsum(a):
    if a.REVERSE:
        return {"y": np.cumsum(a.x[:, ::-1], axis=1)[:, ::-1]}
    return {"y": np.cumsum(a.x, axis=1)}


def sort(a):
    y = np.sort(a.x, axis=1)
    return {"y": y[:, ::-1] if a.DESCENDING else y}


def topk(a):
    order = np.argsort(-a.x, axis=1, kind="stable")[:, : a.K]
    return {"values": np.take_along_axis(a.x, order, axis=1), "indices": order}


def embedding(a):
    ids = a.ids.astype(np.int64)
    used = ids != a.padding_id
    return {"out": np.where(used[:, None], a.weight[np.where(used, ids, 0)], 0)}


def scatter_add(a):
    out = a.out.copy()
    np.add.at(out, a.index.astype(np.int64), a.source)
    return {"out": out}


def empty(a):
    return {}


def main():
    tool, *only = sys.argv[1:]
    failures = cases = 0
    for name, spec, case, dtype, arguments in corpus.smoke_cases(only):
        plain = Arguments(
            (key, value.values() if isinstance(value, corpus.Array) else value)
            for key, value in arguments.items()
        )
        expected = globals()[name](plain)
        actual = corpus.reference(tool, name, case["outputs"], arguments)
        cases += 1
        for output in case["outputs"]:
            worst = corpus.error(actual[output], expected[output])
            if not worst <= 1e-11:
                failures += 1
                print(
                    f"FAILED {name}/{case['name']}/{dtype} {output}: error {worst:.2e}"
                )
    print(f"{cases} cases, {failures} failures")
    sys.exit(failures != 0 or cases == 0)


if __name__ == "__main__":
    main()
