# The lit configuration of the whole repository. It is loaded by
# <build>/tests/lit.site.cfg.py, which says where the build is; it isn't called
# lit.cfg.py because lit would take tests/ for a suite of its own then.
#
#   lit <build>/tests                          every test
#   lit <build>/tests/ir/tile/tests/ops.mlir   one of them
#
# A test is a .mlir, .ttir, .test or .py file in a folder called `tests` (or below
# one) of ir, targets, frontend, runtime, or in tests/{errors,e2e,...}; a .py
# file only if it has a RUN line, since kernels are .py files too.
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(config.test_source_root, "tests"))
from lit_format import ROOTS, TestsBesideCode

config.name = "Tegula"
config.test_format = TestsBesideCode(execute_external=False)
config.suffixes = {".mlir", ".ttir", ".test", ".py"}
config.excludes = ["Inputs", "Output", "__pycache__"] + [
    name for name in os.listdir(config.test_source_root) if name not in ROOTS
]
config.environment["PATH"] = os.pathsep.join(
    [config.tegula_bin, config.llvm_bin, os.environ.get("PATH", "")]
)
# Tests neither see nor fill the user's cache.
config.environment["TEGULA_CACHE_DIR"] = os.path.join(config.test_exec_root, "cache")
config.environment["LC_ALL"] = "C.UTF-8"


if not subprocess.run([config.python, "-c", "import numpy"], stderr=subprocess.DEVNULL).returncode:
    config.available_features.add("numpy")
emulator = os.path.join(os.path.dirname(config.tegula_bin), "qemu", "riscv64", "guest")
if os.path.exists(emulator):
    config.available_features.add("emulation")
# Where processes may not be traced, gdb can't run any.
if "exited normally" in subprocess.getoutput("gdb -batch -nx -ex run --args true"):
    config.available_features.add("gdb")
config.substitutions += [
    ("%kernels", os.path.join(config.test_source_root, "kernels")),
    ("%targets", os.path.join(config.test_source_root, "targets")),
    ("%python", config.python),
]
