# Damaged and unusual .npy files: an error that says what is wrong, never a crash.
# REQUIRES: numpy
# RUN: %python %s %t %kernels/vecadd/vecadd.py
import os
import subprocess
import sys

import numpy as np

folder, kernel = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
path = os.path.join(folder, "x.npy")


def run(*words):
    done = subprocess.run(["tegula", "run", kernel, *words, "y=zeros:f32:6", "out=zeros:f32:6",
                           "n=0", "BLOCK=8", "--grid", "1", "--target", "interp"],
                          capture_output=True, text=True)
    assert "Stack dump" not in done.stderr and "LLVM ERROR" not in done.stderr, done.stderr
    return done


def refused(message, words=(f"x=@{path}",)):
    done = run(*words)
    assert done.returncode == 2 and message in done.stderr, (done.returncode, message, done.stderr)


def write(data):
    with open(path, "wb") as file:
        file.write(data)


def header(text, data=b""):
    text = text.encode()
    text += b" " * (63 - (len(text) + 10) % 64) + b"\n"
    write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data)


x = np.arange(6, dtype="f4").reshape(2, 3)
for array, message in ((x.astype(">f4"), "big-endian; save x.astype('<f4')"),
                       (x.astype("c8"), "dtype '<c8' isn't known"),
                       (np.array([1, None], dtype=object), "dtype '|O' isn't known"),
                       (np.array(["a"]), "dtype '<U1' isn't known"),
                       (np.zeros(3, [("a", "f4"), ("b", "i4")]), "not an array of plain numbers")):
    np.save(path, array)
    refused(message)
for array in (np.float32(3), np.zeros((0, 4), "f4"), np.asfortranarray(x), x > 2):
    np.save(path, array)
    assert run(f"x=@{path}").returncode == 0, array
np.savez(path + "z", x=x)
refused(".npz archives aren't read", (f"x=@{path}z.npz",))

np.save(path, x)
good = open(path, "rb").read()
# However short, and with any byte of the header changed.
for length in (0, 1, 5, 6, 8, 9, 10, 11, 12, 40, 127):
    write(good[:length])
    assert run(f"x=@{path}").returncode == 2, length
write(good[:-4])
refused("cut short: 20 bytes of data, 24 expected")
write(b"\x93NUMPX" + good[6:])
refused("not a .npy file")
for text, message in (
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", "shape is damaged"),
        ("{'descr': '<f4', 'fortran_order': False, }", "the header has no shape"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }", "no memory"),
        (f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({2**62}, {2**62}), }}", "2^63 bytes"),
        ("\0garbage", "not an array of plain numbers")):
    header(text)
    refused(message)
refused("Is a directory", (f"x=@{folder}",))

# The standard input, and outputs that can't be written.
np.save(path, x)
done = subprocess.run(["tegula", "run", kernel, "x=@-", "y=zeros:f32:6", "out=zeros:f32:6", "n=6",
                       "BLOCK=8", "--grid", "1", "--save", "out=-"], input=good, capture_output=True)
assert done.returncode == 0, done.stderr
assert done.stdout.startswith(b"\x93NUMPY") and done.stdout.endswith(x.tobytes()), done.stdout
refused("/nonexistent/o.npy: No such file", (f"x=@{path}", "--save", "out=/nonexistent/o.npy"))
if os.path.exists("/dev/full"):
    refused("/dev/full: No space left on device", (f"x=@{path}", "--save", "out=/dev/full"))
    full = subprocess.run(["tegula", "targets"], stdout=open("/dev/full", "w"),
                          stderr=subprocess.PIPE, text=True)
    assert full.returncode == 2 and "standard output can't be written" in full.stderr, full.stderr
