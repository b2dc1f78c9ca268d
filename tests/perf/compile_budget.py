#!/usr/bin/env python3
"""Counts the instructions that `tegula compile` runs, against a budget.

    compile_budget.py TEGULA KERNELS [NAME]...

Time on a shared machine says little; instructions say how much work a compile
is. A kernel fails above its budget by a quarter. After a change that is worth
its price, write what this prints into BUDGET.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TARGET = "cpu:x86-64-v4"  # not this processor: valgrind has one of its own
SLACK = 1.25
SKIPPED = 77  # what CTest takes for "skipped"

# Millions of instructions of the whole process, measured with the release build.
BUDGET = {
    "vecadd": 157,
    "softmax": 285,
    "matmul": 775,
}
ARGUMENTS = {
    "vecadd": "x=*f32:16 y=*f32:16 out=*f32:16 n=i32:16 BLOCK=1024",
    "softmax": "x=*f32:16 y=*f32:16 n_rows=i32 n_cols=i32:16 stride_x=i32:16 "
    "stride_y=i32:16 BLOCK=1024",
    "matmul": "a=*f32:16 b=*f32:16 c=*f32:16 M=i32:16 N=i32:16 K=i32:16 "
    "stride_am=i32:16 stride_ak=1 stride_bk=i32:16 stride_bn=1 "
    "stride_cm=i32:16 stride_cn=1 BLOCK_M=128 BLOCK_N=256 BLOCK_K=64 "
    "GROUP_M=8 ACTIVATION=none PRECISION=ieee",
}

COUNTERS = {
    "perf": (["perf", "stat", "-x,", "-e", "instructions:u"], r"^(\d+),.*instructions"),
    "valgrind": (
        ["valgrind", "--tool=cachegrind", "--cache-sim=no",
         "--cachegrind-out-file=/dev/null"],
        r"I\s+refs:\s+([\d,]+)",
    ),
}


def run(counter, command, env=None):
    """The command's instructions; None if they can't be counted here."""
    prefix, pattern = COUNTERS[counter]
    if not shutil.which(prefix[0]):
        return None
    done = subprocess.run(prefix + command, env=env, capture_output=True, text=True)
    found = re.search(pattern, done.stderr, re.M)
    if done.returncode != 0:
        if env is None:
            return None
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return int(found.group(1).replace(",", "")) if found else None


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    tegula, kernels = sys.argv[1:3]
    names = sys.argv[3:] or list(BUDGET)
    counter = next((name for name in COUNTERS if run(name, ["true"])), None)
    if not counter:
        print("skipped: neither `perf stat -e instructions:u` nor valgrind counts here")
        sys.exit(SKIPPED)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, TEGULA_CACHE_DIR=folder, TEGULA_ALWAYS_COMPILE="1")
        for name in names:
            command = [tegula, "compile", f"{kernels}/{name}/{name}.py", "--target",
                       TARGET, "--emit", "so", "-o", f"{folder}/{name}.so"]
            count = run(counter, command + ARGUMENTS[name].split(), env) / 1e6
            limit = BUDGET[name] * SLACK
            verdict = "ok" if count <= limit else "TOO MANY"
            failed |= count > limit
            print(f"{name}: {count:.0f} million instructions ({counter}), "
                  f"budget {BUDGET[name]}, limit {limit:.0f}: {verdict}", flush=True)
    sys.exit(failed)


main()
