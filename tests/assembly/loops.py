"""Innermost loops of assembly text.

A loop is what lies between a label and a later branch back to it; it is
innermost if no other loop lies within. Works on the text that LLVM prints for
x86-64, AArch64 and RISC-V.
"""
import re

LABEL = re.compile(r"^(\.L\w+):")
# Every branch names its label last.
BRANCH = re.compile(r"^\s+(j\w+|b(?:\.\w+)?|cbn?z|tbn?z|b(?:eq|ne|lt|ge|le|gt)u?z?)\s.*?(\.L\w+)\s*(?:[#/].*)?$")


def innermost_loops(text):
    """Each loop as the list of its instructions, in the order of the text."""
    lines = [line for line in text.splitlines()
             if LABEL.match(line) or re.match(r"^\s+[a-z]", line)]
    labels = {LABEL.match(line).group(1): number
              for number, line in enumerate(lines) if LABEL.match(line)}
    spans = set()
    for number, line in enumerate(lines):
        branch = BRANCH.match(line)
        if branch and labels.get(branch.group(2), number + 1) <= number:
            spans.add((labels[branch.group(2)], number))
    inner = [a for a in sorted(spans)
             if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in spans)]
    return [[" ".join(line.split()) for line in lines[first:last + 1]
             if not LABEL.match(line)] for first, last in inner]


def is_straight(loop):
    """Whether the loop is one block: its only branch is the one back."""
    return not any(BRANCH.match(" " + line) for line in loop[:-1])
