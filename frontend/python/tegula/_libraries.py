"""Opens the libraries that compiled kernels ask for by name and that the wheel
carries; where it carries none, those of the system are found. Symbols stay local:
other packages in the process bring libraries of the same kind."""

import ctypes
import glob
import os

_opened = [
    ctypes.CDLL(path, mode=ctypes.RTLD_LOCAL)
    for path in glob.glob(os.path.join(os.path.dirname(__file__), "lib", "*.so.*"))
]
