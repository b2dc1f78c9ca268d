# Arrays from NumPy and back, for every dtype that a .npy file has.
# REQUIRES: numpy
# RUN: %python %s %t %kernels/vecadd/vecadd.py
import os
import subprocess
import sys

import numpy as np

folder, kernel = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
path = lambda name: os.path.join(folder, name)
n = 1237
for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint32", "float16", "float32", "float64"):
    rng = np.random.default_rng(5)
    if "float" in dtype:
        x, y = (rng.standard_normal(n).astype(dtype) for _ in range(2))
    else:
        x, y = (rng.integers(0, 50, n).astype(dtype) for _ in range(2))
    np.save(path("x.npy"), x)
    np.save(path("y.npy"), y)
    for target in ("cpu", "interp"):
        subprocess.run(
            ["tegula", "run", kernel, "--target", target, f"x=@{path('x.npy')}",
             f"y=@{path('y.npy')}", f"out=zeros:{x.dtype.kind}{x.dtype.itemsize * 8}:{n}",
             f"n={n}", "BLOCK=256", "--grid", "cdiv(n,BLOCK)", "--save",
             f"out={path('out.npy')}"], check=True)
        out = np.load(path("out.npy"))
        assert out.dtype == x.dtype, (dtype, out.dtype)
        np.testing.assert_array_equal(out, x + y, err_msg=f"{target} {dtype}")

# bf16 travels as its bits.
def bits(values):
    return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)

x = bits(np.arange(64) * 0.5)
np.save(path("x.npy"), x)
subprocess.run(
    ["tegula", "run", kernel, f"x=bf16@{path('x.npy')}", f"y=bf16@{path('x.npy')}",
     "out=zeros:bf16:64", "n=64", "BLOCK=64", "--grid", "1", "--save",
     f"out={path('out.npy')}"], check=True)
out = np.load(path("out.npy"))
assert out.dtype == np.uint16
np.testing.assert_array_equal(out, bits(np.arange(64) * 1.0))

# Column-major files and shapes of every rank.
for shape in ((), (7,), (3, 5), (2, 3, 4)):
    x = np.asfortranarray(np.random.default_rng(1).standard_normal(shape).astype(np.float32))
    np.save(path("x.npy"), x)
    subprocess.run(
        ["tegula", "run", kernel, f"x=@{path('x.npy')}", f"y=@{path('x.npy')}",
         f"out=@{path('x.npy')}", f"n={x.size}", "BLOCK=32", "--grid", "1", "--save",
         f"out={path('out.npy')}"], check=True)
    out = np.load(path("out.npy"))
    np.testing.assert_array_equal(out, x + x)
    assert out.flags.c_contiguous
