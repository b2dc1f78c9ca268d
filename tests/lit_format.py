# Which files are tests. A module of its own, since lit's workers import it.
import os
import re

import lit.formats
import lit.Test

ROOTS = ("ir", "targets", "frontend", "runtime", "tests")


def has_run_line(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return any(re.search(r"[#/] RUN:", line) for line in file)


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
