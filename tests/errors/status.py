# Exit status: 0 done, 1 a mismatch or run-time error, 2 a wrong use, 3 not here.
# RUN: %python %s %kernels/vecadd/vecadd.py %S/Inputs/asserts.py
import subprocess
import sys

vecadd, asserts = sys.argv[1:]
arrays = ["x=zeros:f32:8", "y=zeros:f32:8", "out=zeros:f32:8", "BLOCK=8", "--grid", "1"]


def status(expected, *words):
    done = subprocess.run(["tegula", *words], capture_output=True, text=True)
    assert done.returncode == expected, (words, done.returncode, done.stderr)
    assert "PLEASE submit" not in done.stderr and "Stack dump" not in done.stderr


for target in ("cpu", "interp"):
    status(0, "run", vecadd, *arrays, "n=8", "--target", target)
    status(1, "run", asserts, "n=5", "--grid", "1", "--target", target)
    status(0, "run", asserts, "n=3", "--grid", "1", "--target", target)
status(2, "run", vecadd, *arrays)
status(2, "run", vecadd, *arrays, "n=8", "--target", "nonesuch")
status(2, "run", vecadd, *arrays, "n=8", "--frobnicate")
status(3, "run", vecadd, *arrays, "n=8", "--target", "_template")
# A processor that this one can't imitate.
status(3, "run", vecadd, *arrays, "n=8", "--target", "cpu:neoverse-v2")
status(0, "check", vecadd, *arrays, "n=8")
# Nine elements of arrays with eight.
status(1, "check", vecadd, *arrays, "n=9", "--grid", "2")
status(0, "--version")
status(0, "run", "--help")
status(0, "--help", "env")
