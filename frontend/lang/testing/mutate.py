#!/usr/bin/env python3
"""Damages files at random and runs a command on each: it may refuse, but never
crash, hang or be stopped by a sanitizer.

    mutate.py --minutes 10 kernels/*/*.py -- tegula-lang-import --try {}
    mutate.py --count 500 x.npy -- tegula run add.py x=@{} ...

`{}` stands for the damaged file. The same --seed makes the same files. What
fails is kept in --keep, named after its number; --first NUMBER --count 1 makes it
again. Status 1 if anything failed. --timeout is in seconds of processor time."""
import argparse
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import time

TOKEN = re.compile(rb"\w+|[ \t]+|\n|[^\w\s]")
LITERALS = [b"9" * 10000, b"2**31", b"2**63", b"-1", b"0", b"1e999", b"0x" + b"f" * 500, b"1 << 40",
            b"None", b"''", b"()", b"tl.arange(0, 2**30)", b"tl.zeros((2**20, 2**20), tl.float32)",
            b"*", b"**", b"lambda: 0", b"[[[[", b"nan", b"\0", b"\xff\xfe", b"\xf0\x9f\x92\xa5"]


def nest(rng, text):
    opening, closing = rng.choice([(b"(", b")"), (b"[", b"]"), (b"-", b""), (b"not ", b""),
                                   (b"f(", b")"), (b"{0:", b"}"), (b"1 if ", b" else 0")])
    depth = rng.choice([3, 100, 5000])
    return opening * depth + text + closing * depth


def mutate(rng, data, other):
    """One to eight edits of tokens or bytes."""
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        tokens = TOKEN.findall(data) or [b" "]
        i, j = sorted((rng.randrange(len(tokens)), rng.randrange(len(tokens))))
        near = min(len(tokens), i + rng.choice([1, 1, 2, 5, 30]))
        edit = rng.randrange(10)
        if edit == 0:
            return data[: rng.randrange(len(data) + 1)]
        if edit == 1:
            del tokens[i:near]
        elif edit == 2:
            tokens[i:i] = tokens[i:near] * rng.choice([1, 2, 50])
        elif edit == 3:
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif edit == 4:
            at = rng.randrange(len(data) + 1)
            noise = rng.randbytes(rng.choice([1, 1, 4, 40]))
            data = data[:at] + noise + data[at + rng.choice([0, len(noise)]):]
            continue
        elif edit == 5:
            tokens[i:near] = [nest(rng, b"".join(tokens[i:near]))]
        elif edit == 6:
            tokens[i] = rng.choice(LITERALS)
        elif edit == 7:
            foreign = TOKEN.findall(other) or [b" "]
            start = rng.randrange(len(foreign))
            tokens[i:i] = foreign[start:start + rng.choice([1, 5, 50])]
        elif edit == 8:  # names for names and numbers for numbers: it still parses
            words = [k for k, token in enumerate(tokens) if token[:1].isalnum()]
            if words:
                tokens[rng.choice(words)] = tokens[rng.choice(words)]
        else:
            numbers = [k for k, token in enumerate(tokens) if token.isdigit()]
            if numbers:
                tokens[rng.choice(numbers)] = rng.choice(LITERALS)
        data = b"".join(tokens)
    return data


def run(command, timeout):
    """What was wrong with the run, or nothing."""
    # LLVM's own library isn't instrumented: it hands out again what our copy of its
    # allocator has poisoned.
    env = {**os.environ, "ASAN_OPTIONS": "exitcode=99:detect_leaks=0:allow_user_poisoning=0",
           "UBSAN_OPTIONS": "exitcode=99:halt_on_error=1:print_stacktrace=1"}
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (timeout, timeout))
    try:
        done = subprocess.run(command, env=env, timeout=20 * timeout, capture_output=True,
                              stdin=subprocess.DEVNULL, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        return f"not done after {20 * timeout} s"
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"not done after {timeout} s of processor time"
    if done.returncode in (0, 1, 2, 3):
        return ""
    lines = done.stderr.decode(errors="replace").splitlines()
    what = [line for line in lines if "ERROR: " in line or "runtime error" in line or "ssert" in line]
    return f"status {done.returncode}: {(what or lines[-1:] or [''])[0]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--timeout", type=int, default=20)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("mutants"))
    if "--" not in sys.argv:
        parser.error("give a command after --")
    split = sys.argv.index("--")
    options, command = parser.parse_args(sys.argv[1:split]), sys.argv[split + 1:]
    options.keep.mkdir(parents=True, exist_ok=True)
    contents = [(path.suffix, path.read_bytes()) for path in options.files]
    end, done, failures = time.monotonic() + 60 * options.minutes, 0, 0
    while done < options.count and time.monotonic() < end:
        number = options.first + done
        rng = random.Random(f"{options.seed}/{number}")
        suffix, data = rng.choice(contents)
        path = options.keep / f"m{options.seed}_{number}{suffix}"
        path.write_bytes(mutate(rng, data, rng.choice(contents)[1]))
        done += 1
        if what := run([word.replace("{}", str(path)) for word in command], options.timeout):
            print(f"{path}: {what}", flush=True)
            failures += 1
        else:
            path.unlink()
    print(f"{done} files, {failures} failures")
    return failures != 0


sys.exit(main())
