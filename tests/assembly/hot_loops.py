# The hot loops of the corpus are vector loops on every processor: nothing in
# them takes a lane apart, calls a function or, where sums are kept in registers,
# touches the stack; and tails of rows have no code for single lanes.
# RUN: %python %s
import re
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from loops import innermost_loops, is_straight

# What LLVM's text says for: a vector operation on floats, a fused one, one lane
# put into a vector or taken out of it, a vector that goes to the stack or comes
# back, and a call.
X86 = {"lane": r"^v?(pinsr|pextr|insertps|extractps)", "call": r"^call",
       "stack": r"mm\d+, .*\(%rsp\)|\(%rsp\).*, %[xyz]mm"}
ARM = {"lane": r"^(ins|umov|smov)\b|^mov\s+v\d+\.[bhs]\[|^mov\s+[wx]\d+, v\d+\.|\}\[\d+\]",
       "call": r"^blr?\b", "stack": r"^(ldr|str|ldp|stp|ld1\w*|st1\w*)\s+\{? ?[qvz]\d.*\[sp"}
RISCV = {"float": r"^vf(add|sub|mul|n?m(acc|add|sac|sub))\.v", "fused": r"^vfn?m(acc|add|sac|sub)\.v",
         # Sliding by fours moves a vector of a register group.
         "lane": r"^(vslide(?!down\.vi\s+v\d+, v\d+, (4|8|12|16|20|24|28)$)|vfslide|vmv\.s\.x|vfmv\.s\.f)",
         "call": r"^(call|jal)\b",
         "stack": r"^v[sl]\w*\s+v\d+, \(sp\)"}


def x86(register, fused=r"^vf\w+ps"):
    return {**X86, "float": rf"^v?(add|sub|mul|fn?m(add|sub)\d+)ps .*%{register}mm", "fused": fused}


NEON = {**ARM, "float": r"^f(add|sub|mul|mla|mls) v\d+\.4s", "fused": r"^fml[as] v\d+\.4s"}
SVE = {**ARM, "float": r"^f(n?m(la|ls|ad|sb)|add|sub|mul)\s+z\d+\.s",
       "fused": r"^fn?m(la|ls|ad|sb)\s+z\d+\.s"}
MACHINES = {
    "cpu:x86-64-v2": x86("x", fused=r"^mulps"),
    "cpu:x86-64-v3": x86("y"),
    "cpu:x86-64-v4": x86("z"),
    "cpu:znver4": x86("z"),
    "cpu:sapphirerapids": x86("z"),
    "cpu:cortex-a76": NEON,
    "cpu:neoverse-v2": NEON,
    "cpu:neoverse-v1": SVE,
    "cpu:a64fx": SVE,
    "cpu:rv64gcv": RISCV,
    "cpu:rv64gcv:vl256": RISCV,
}
# Kernels whose tails go lane by lane nowhere either, and the machines that have
# masks and reduce rows by other means than lanes.
ROWS = ("vecadd", "softmax")
MASKED = ("cpu:x86-64-v3", "cpu:x86-64-v4", "cpu:znver4", "cpu:sapphirerapids", "cpu:neoverse-v2")
PRODUCTS = ("matmul", "attention")
MASKLESS = ("cpu:x86-64-v2", "cpu:cortex-a76")
# The kernel, and what must be in at least one of its loops.
KERNELS = {"vecadd": "float", "softmax": "fused", "layernorm": "float", "gelu": "fused",
           "matmul": "fused", "attention": "fused"}


def problems(kernel, machine, patterns):
    text = subprocess.run(
        ["tegula", "compile", f"kernels/{kernel}", "--target", machine, "--emit", "asm"],
        check=True, capture_output=True, text=True).stdout

    def has(loop, what):
        return [line for line in loop if re.search(patterns[what], line)]

    hot = [loop for loop in innermost_loops(text) if has(loop, "float")]
    # Without masks, code for arrays that overlap asks for each lane, in branches.
    hot = [loop for loop in hot if machine not in MASKLESS or is_straight(loop)]
    if not any(has(loop, KERNELS[kernel]) for loop in hot):
        yield f"no loop of vectors with {patterns[KERNELS[kernel]]}"
    for loop in hot:
        wrong = has(loop, "call")
        is_product = kernel in PRODUCTS and len(has(loop, "fused")) >= max(8, len(loop) // 3)
        if is_product:
            wrong += has(loop, "stack")
        # RVV has no shuffles for the reduction of a row, which attention does
        # once for each of a block.
        if is_product or patterns is not RISCV or kernel not in PRODUCTS:
            wrong += has(loop, "lane")
        for line in wrong:
            yield f"in a loop of {len(loop)} instructions: {line}"
    if kernel in ROWS and machine in MASKED:
        for line in has([" ".join(line.split()) for line in text.splitlines()], "lane"):
            yield f"beside the loops: {line}"


names = sys.argv[1:]
failed = False
for machine, patterns in MACHINES.items():
    for kernel in KERNELS:
        if names and kernel not in names and machine not in names:
            continue
        for problem in problems(kernel, machine, patterns):
            print(f"{kernel} for {machine}: {problem}")
            failed = True
sys.exit(failed)
