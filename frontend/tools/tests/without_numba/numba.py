"""Stands in for Numba where it isn't installed: Python runs the loops."""

import types

prange = range
float32 = float
config = types.SimpleNamespace(NUMBA_NUM_THREADS=1)


def njit(**options):
    return lambda function: function


def set_num_threads(count):
    pass


def get_num_threads():
    return 1
