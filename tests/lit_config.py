# The lit configuration of the whole repository. It is loaded by
# <build>/tests/lit.site.cfg.py, which says where the build is; it isn't called
# lit.cfg.py because lit would take tests/ for a suite of its own then.
#
#   lit <build>/tests                          every test
#   lit <build>/tests/ir/tile/tests/ops.mlir   one of them
#
# A test is a .mlir, .test or .py file in a folder called `tests` (or below
# one) of ir, targets, frontend, runtime, or in tests/{errors,e2e,...}; a .py
# file only if it has a RUN line, since kernels are .py files too.
import os

import lit.formats
import lit.Test

ROOTS = ("ir", "targets", "frontend", "runtime", "tests")


def has_run_line(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return any("RUN:" in line for line in file)


class TestsBesideCode(lit.formats.ShTest):
    def getTestsInDirectory(self, suite, path_in_suite, lit_config, config):
        if "tests" not in path_in_suite:
            return
        folder = suite.getSourcePath(path_in_suite)
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            suffix = os.path.splitext(name)[1]
            if suffix not in config.suffixes or not os.path.isfile(path):
                continue
            if suffix == ".py" and not has_run_line(path):
                continue
            yield lit.Test.Test(suite, path_in_suite + (name,), config)


config.name = "Tegula"
config.test_format = TestsBesideCode(execute_external=False)
config.suffixes = {".mlir", ".test", ".py"}
config.excludes = ["Inputs", "Output", "__pycache__"] + [
    name for name in os.listdir(config.test_source_root) if name not in ROOTS
]
config.environment["PATH"] = os.pathsep.join(
    [config.tegula_bin, config.llvm_bin, os.environ.get("PATH", "")]
)
# Tests neither see nor fill the user's cache.
config.environment["TEGULA_CACHE_DIR"] = os.path.join(config.test_exec_root, "cache")
config.environment["LC_ALL"] = "C.UTF-8"
config.substitutions += [
    ("%kernels", os.path.join(config.test_source_root, "kernels")),
    ("%python", config.python),
]
for name in os.listdir(config.tegula_bin) if os.path.isdir(config.tegula_bin) else []:
    config.available_features.add(name)
