"""Arrays as thin as stock Triton takes them: an address and a dtype."""

import numpy as np


class Thin:
    """`data_ptr()` and `dtype` of a NumPy array, nothing else."""

    def __init__(self, array: np.ndarray):
        self.array = array
        self.dtype = array.dtype

    def data_ptr(self) -> int:
        return self.array.ctypes.data


def rand(*shape, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)
