"""Compares our random numbers with those of the NumPy that is here, bit by bit.

Usage: compare_numpy.py DRAW    (the program of fixtures/Draw.cpp)
Exit status 77: there is no NumPy.
"""

import subprocess
import sys

try:
    import numpy as np
except ImportError:
    sys.exit(77)

COUNT = 200_001
FLOATS = {"f32": np.float32, "f64": np.float64}
INTEGERS = {
    "i1": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32,
    "i64": np.int64, "u8": np.uint8, "u16": np.uint16, "u32": np.uint32,
    "u64": np.uint64,
}  # fmt: skip


def ranges(dtype):
    if dtype is np.bool_:
        return [(0, 2), (0, 1), (1, 2)]
    info = np.iinfo(dtype)
    found = [(info.min, min(info.max + 1, 2**63 - 1)), (0, 100), (3, 127), (0, 1)]
    if info.min < 0:
        found.append((-5, 5))
    if info.bits >= 32:
        found += [(0, 2**31 - 1), (0, 1_000_003)]
    if info.bits == 64:
        found += [(0, 2**32 - 1), (0, 2**32), (0, 2**32 + 1), (0, 2**50 + 12345)]
    return found


def draw(*words):
    command = [sys.argv[1], *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def cases(seed):
    for name, dtype in FLOATS.items():
        rng = np.random.default_rng(seed)
        yield ("uniform", name), rng.random(COUNT, dtype=dtype)
        rng = np.random.default_rng(seed)
        yield ("normal", name), rng.standard_normal(COUNT, dtype=dtype)
    for name, dtype in INTEGERS.items():
        for low, high in ranges(dtype):
            rng = np.random.default_rng(seed)
            values = rng.integers(low, high, COUNT, dtype=dtype)
            yield ("integers", name, low, high), values


wrong = total = 0
for seed in (0, 7, 2**63 + 11):
    for (kind, name, *limits), expected in cases(seed):
        total += 1
        got = np.frombuffer(
            draw(kind, name, seed, COUNT, *limits), dtype=expected.dtype
        )
        if got.tobytes() != expected.tobytes():
            wrong += 1
            first = int(np.argmax(got != expected))
            print(f"{kind} {name} {limits} seed {seed}: element {first} is "
                  f"{got[first]!r}, NumPy has {expected[first]!r}")  # fmt: skip
print(f"{total - wrong} of {total} streams are NumPy {np.__version__}'s")
sys.exit(1 if wrong else 0)
