"""Writes Reference.md from the op definitions; with --check, compares instead.

    python3 make_reference.py [--check] [--tblgen PATH]

`cmake --build build --target tegula_docs` calls this.
"""
import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(FOLDER, "Reference.md")
HEAD = """# The tile dialect: reference

Made from the op definitions by `make_reference.py`; change those, not this page.

"""


def generate(tblgen):
    binary = os.path.realpath(tblgen)
    include = os.path.join(os.path.dirname(os.path.dirname(binary)), "include")
    command = [tblgen, "-gen-dialect-doc", "-dialect=tile", "-I", include]
    command += ["-I", os.path.join(FOLDER, "..", ".."), "TileOps.td"]
    text = subprocess.run(
        command, cwd=FOLDER, check=True, capture_output=True, text=True
    ).stdout
    text = re.sub(r"<!--.*?-->\n*", "", text, flags=re.S)
    text = re.sub(r"^# 'tile' Dialect\n*", "", text)
    text = re.sub(r"^\[TOC\]\n*", "", text, flags=re.M)
    text = re.sub(r"[ \t]+$", "", text, flags=re.M)
    return HEAD + re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--tblgen", default=shutil.which("mlir-tblgen"))
    options = parser.parse_args()
    if not options.tblgen:
        sys.exit("mlir-tblgen was not found; pass --tblgen")
    wanted = generate(options.tblgen)
    if not options.check:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(wanted)
        return
    with open(PAGE, encoding="utf-8") as file:
        found = file.read()
    if found != wanted:
        sys.stdout.writelines(
            difflib.unified_diff(
                found.splitlines(True), wanted.splitlines(True), PAGE, "generated"
            )
        )
        sys.exit("Reference.md is out of date: build the target tegula_docs")


if __name__ == "__main__":
    main()
