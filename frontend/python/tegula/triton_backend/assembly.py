"""`kernel.asm["llir"]` and `kernel.asm["asm"]`: made when they are asked for.

LLVM would have to run once more for each of them, which would more than double the
time of every compilation. Triton's own `sass` is made late in the same place.
"""

from .. import _tegula

#: Triton's name of a stage and ours.
LATE_STAGES = {"llir": "llvm", "asm": "asm"}


def make_late_stages() -> None:
    """Teaches Triton's dictionary of stages ours; a second call does nothing."""
    from triton.compiler.compiler import AsmDict

    others = AsmDict.__missing__
    if getattr(others, "knows_tegula", False):
        return

    def missing(self, stage: str):
        if stage not in LATE_STAGES or "tegula-target" not in self:
            return others(self, stage)
        source = _tegula.Source(
            text=self["ttir"],
            path="kernel.ttir",
            kind="ttir",
            target=self["tegula-target"],
            must_run=False,
        )
        self[stage] = source.stage(LATE_STAGES[stage])
        return self[stage]

    missing.knows_tegula = True
    AsmDict.__missing__ = missing
