"""Keeps the outputs in README.md those of real commands.

    tests/docs/readme.py                 runs every ```console block's commands
                                         and writes their output in place
    tests/docs/readme.py --all           those that take an idle machine as well
    tests/docs/readme.py --check         compares the quick ones; numbers, times
                                         and the processor's name may differ
    tests/docs/readme.py --files FOLDER  writes the files that the page shows

A comment above a block says what it is: `<!-- file add.py -->` the text of a
file, `<!-- machine -->` an output that depends on the machine and isn't checked,
`<!-- idle machine -->` one that only --all runs again: it measures speed.
Where an output ends in a line `...`, it is cut there.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile

from blocks import blocks

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def write_files(page, folder):
    for block in blocks(page):
        if block.note.startswith("file "):
            with open(os.path.join(folder, block.note.split()[1]), "w") as file:
                file.write(block.text)


def commands(text):
    """[(command as written, its output)]; a command ends in \\ where it goes on."""
    pairs, lines = [], text.splitlines(keepends=True)
    while lines:
        line = lines.pop(0)
        if line.startswith("$ "):
            while line.endswith("\\\n"):
                line += lines.pop(0)
            pairs.append([line, ""])
        else:
            pairs[-1][1] += line
    return pairs


def run(command, folder, build):
    env = dict(os.environ, TEGULA_CACHE_DIR=os.path.join(folder, "cache"))
    env["PATH"] = os.path.join(build, "bin") + os.pathsep + env["PATH"]
    done = subprocess.run(command[2:], shell=True, cwd=folder, env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode not in (0, 1):
        sys.exit(f"{command}ended with status {done.returncode}:\n{done.stdout}")
    return done.stdout


def cut(output, before):
    """As many lines as before, where the page cuts the output."""
    if not before.endswith("...\n"):
        return output
    keep = before.count("\n") - 1
    return "".join(output.splitlines(keepends=True)[:keep]) + "...\n"


def normal(text):
    """What must be the same on every machine."""
    text = re.sub(r"cpu:[\w-]+", "cpu:NAME", text)
    text = re.sub(r"(compiled|loaded from the cache) in", "MADE in", text)
    text = re.sub(r"\b[0-9.]+(e[-+]?\d+)? ?(ns|us|ms|s)\b", "TIME", text)
    text = re.sub(r"\b\d+\.\d+(e[-+]?\d+)?\b", "NUMBER", text)
    return re.sub(r"[ ]+", " ", text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--files")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--readme", default=os.path.join(ROOT, "README.md"))
    args = parser.parse_args()
    page = open(args.readme, encoding="utf-8").read()
    if args.files:
        os.makedirs(args.files, exist_ok=True)
        return write_files(page, args.files)
    result, rest = "", 0
    wrong = []
    skipped = [] if args.all else ["idle machine"] + ["machine"] * args.check
    with tempfile.TemporaryDirectory() as folder:
        write_files(page, folder)
        for block in blocks(page):
            if block.lang != "console" or block.note in skipped:
                continue
            text = ""
            for command, before in commands(block.text):
                output = cut(run(command, folder, os.path.abspath(args.build)), before)
                text += command + output
                if normal(output) != normal(before):
                    wrong += ["\n" + command] + list(difflib.ndiff(
                        normal(before).splitlines(True), normal(output).splitlines(True)))
            result += page[rest:block.start] + text
            rest = block.end
    if args.check:
        if wrong:
            sys.exit("README.md is out of date; run tests/docs/readme.py\n" + "".join(wrong))
        return None
    with open(args.readme, "w", encoding="utf-8") as file:
        file.write(result + page[rest:])
    return None


if __name__ == "__main__":
    main()
