"""Does what ir/passes/YOUR_FIRST_PASS.md says, block by block, on a copy.

The pass is compiled alone, as a plugin of tegula-opt: building the project again
would take minutes. Its test is the page's own RUN line.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

from blocks import blocks

PLUGIN = """
#include "mlir/Tools/Plugins/PassPlugin.h"
extern "C" __attribute__((visibility("default"))) mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "FirstPass", "1", [] {
            mlir::registerPass([] { return tegula::ir::create%s(); });
          }};
}
"""


def run(*command, **more):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}")
    return done.stdout


def edit(args, note, text):
    """`in FILE before|after "ANCHOR"` on a copy of the file."""
    path, where, anchor = re.fullmatch(r'in (\S+) (before|after) "(.*)"', note).groups()
    copy = os.path.join(args.work, path)
    page = open(copy if os.path.exists(copy) else os.path.join(args.source, path)).read()
    if page.count(anchor) != 1:
        sys.exit(f"{path}: '{anchor}' stands there {page.count(anchor)} times, expected once")
    at = page.index(anchor) + (len(anchor) + 1 if where == "after" else 0)
    write(copy, page[:at] + text + page[at:])


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def follow(args):
    """Applies the page; returns the new files by suffix."""
    made = {}
    page = open(os.path.join(args.source, "ir/passes/YOUR_FIRST_PASS.md")).read()
    for block in blocks(page):
        if block.note.startswith("in "):
            edit(args, block.note, block.text)
        elif block.note.startswith("new file "):
            path = os.path.join(args.work, block.note.split()[2])
            made[os.path.splitext(path)[1]] = path
            write(path, block.text)
    return made


def compile_plugin(args, source):
    """With the flags of another pass, and our Passes.h.inc in front of its."""
    run(f"{args.llvm}/mlir-tblgen", "-gen-pass-decls", "-name", "TegulaIR",
        f"{args.work}/ir/passes/Passes.td", f"-I{args.source}", f"-I{args.llvm}/../include",
        "-o", f"{args.work}/ir/passes/Passes.h.inc")
    database = json.load(open(os.path.join(args.build, "compile_commands.json")))
    entry = next(e for e in database if e["file"].endswith("ir/passes/VerifyRaised.cpp"))
    words = entry["command"].split()
    flags = [w for i, w in enumerate(words)
             if re.match(r"-(I|std|f|W|isystem)", w) or words[i - 1] == "-isystem"]
    name = os.path.splitext(os.path.basename(source))[0]
    with open(source, "a") as file:
        file.write(PLUGIN % name)
    # Without the precompiled header, which holds the Passes.h.inc of the build.
    flags = [f for f in flags if not f.startswith(("-fpch", "-Winvalid-pch"))]
    plugin = os.path.join(args.work, name + ".so")
    run(words[0], f"-I{args.work}", *flags, "-Werror", "-O0", "-shared", source, "-o", plugin)
    return plugin


def main():
    parser = argparse.ArgumentParser()
    for name in ("source", "build", "llvm", "work"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    shutil.rmtree(args.work, ignore_errors=True)
    made = follow(args)
    plugin = compile_plugin(args, made[".cpp"])
    test = open(made[".mlir"]).read()
    flag = re.search(r"RUN: tegula-opt %s --(\S+) \| FileCheck %s", test)[1]
    opt = [os.path.join(args.build, "bin/tegula-opt"), f"--load-pass-plugin={plugin}",
           f"--pass-pipeline=builtin.module(func.func({flag}))"]
    out = run(*opt, made[".mlir"])
    run(f"{args.llvm}/FileCheck", made[".mlir"], input=out)
    # The kernel of step 1, before and after.
    raised = run(os.path.join(args.build, "bin/tegula"), "compile", made[".py"], "x_ptr=*f32",
                 "y_ptr=*f32", "n=i32", "BLOCK=64", "--emit", "raised")
    assert "arith.divf" in raised and "dense<8.000000e+00> : tensor<64xf32>" in raised, raised
    out = run(*opt, input=raised)
    assert "arith.divf" not in out and "dense<1.250000e-01>" in out, out


if __name__ == "__main__":
    main()
