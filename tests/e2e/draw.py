# rand, randn and randint are NumPy's, bit by bit.
# REQUIRES: numpy
# RUN: %python %s %t %kernels/vecadd/vecadd.py
import os
import subprocess
import sys

import numpy as np

folder, kernel = sys.argv[1:]
os.makedirs(folder, exist_ok=True)


def made(spec):
    """The array that `spec` makes; saved without the kernel touching it."""
    out = os.path.join(folder, "made.npy")
    subprocess.run(
        ["tegula", "run", kernel, "--target", "interp", f"x={spec}", "y=zeros:f32:1",
         "out=zeros:f32:1", "n=0", "BLOCK=1", "--grid", "1", "--save", f"x={out}"], check=True)
    return np.load(out)


def equal(spec, expected):
    np.testing.assert_array_equal(made(spec), expected, err_msg=spec)


for seed in (0, 7, 2**40 + 3):
    rng = lambda: np.random.default_rng(seed)
    equal(f"rand:f64:300x7:{seed}", rng().random((300, 7)))
    equal(f"rand:f32:1000:{seed}", rng().random(1000, dtype=np.float32))
    equal(f"rand:f16:1000:{seed}", rng().random(1000, dtype=np.float32).astype(np.float16))
    # Enough numbers to reach the tail of the Ziggurat.
    equal(f"randn:f64:400000:{seed}", rng().standard_normal(400000))
    equal(f"randn:f32:1000:{seed}", rng().standard_normal(1000, dtype=np.float32))
    equal(f"randint:i32:1000:-5:1000:{seed}", rng().integers(-5, 1000, 1000, dtype=np.int32))
    equal(f"randint:u8:1000:0:256:{seed}", rng().integers(0, 256, 1000, dtype=np.uint8))
    big = 2**40
    equal(f"randint:i64:1000:{-big}:{big}:{seed}", rng().integers(-big, big, 1000))
equal("randn:f32:10", np.random.default_rng(0).standard_normal(10, dtype=np.float32))
equal("zeros:i16:3x4", np.zeros((3, 4), np.int16))
assert (made("empty:f32:5").view(np.uint32) == 0xFFFFFFFF).all()
