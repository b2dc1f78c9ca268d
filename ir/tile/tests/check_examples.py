"""Compares the examples in the op descriptions with the tests beside them.

Each ```mlir block of ../*.td must stand, but for white space, in one of the
.mlir files of this folder; each op must have an example, and its name must
stand in an _invalid.mlir file if it has a verifier of its own.
"""
import glob
import os
import re
import sys


def squeeze(text):
    return re.sub(r"\s+", "", text)


def main(folder):
    tests, invalid = "", ""
    for path in sorted(glob.glob(os.path.join(folder, "*.mlir"))):
        with open(path, encoding="utf-8") as file:
            lines = [l for l in file if not l.lstrip().startswith("//")]
        if path.endswith("_invalid.mlir"):
            invalid += "".join(lines)
        else:
            tests += squeeze("".join(lines))
    problems, ops = [], 0
    for path in sorted(glob.glob(os.path.join(folder, "..", "*.td"))):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for definition in re.split(r"^def ", text, flags=re.M)[1:]:
            name = re.match(r"\w+ : Tile_\w+<\"(\w+)\"", definition)
            if not name:
                continue
            if not re.match(r"\w+Op :", definition):
                continue
            ops += 1
            op = "tile." + name.group(1)
            examples = re.findall(r"```mlir\n(.*?)```", definition, flags=re.S)
            if not examples:
                problems.append(f"{op}: no example in its description")
            for example in examples:
                if squeeze(example) not in tests:
                    problems.append(f"{op}: no test parses this example:\n{example}")
            if "hasVerifier = 1" in definition and op not in invalid:
                problems.append(f"{op}: no test of what its verifier refuses")
    if ops < 40:
        problems.append(f"only {ops} ops were found in the .td files")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
