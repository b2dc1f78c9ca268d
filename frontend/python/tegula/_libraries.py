"""Opens libraries that are asked for by name: SLEEF by compiled kernels, OpenMP by
the native module. Where the process or the system has one, that is taken, so that
torch and we share one pool of threads; else the wheel's own."""

import ctypes
import glob
import os


def _open(path: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(os.path.basename(path), mode=ctypes.RTLD_LOCAL)
    except OSError:
        return ctypes.CDLL(path, mode=ctypes.RTLD_LOCAL)


_opened = [_open(path) for path in glob.glob(os.path.join(os.path.dirname(__file__), "lib", "*.so.*"))]
