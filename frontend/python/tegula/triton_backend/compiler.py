"""From Triton's module to machine code, by way of its text."""

import hashlib
import json
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Dict, Optional, Tuple

from . import versions

try:
    from triton._C.libtriton import ir, passes
    from triton.backends.compiler import BaseBackend, GPUTarget, Language
except ImportError as error:
    versions.refuse(error)

from .. import _tegula
from .assembly import make_late_stages

#: Kept as text beside `ttir` and the code.
_STAGES = ("tile", "raised", "loops")


@dataclass(frozen=True)
class CPUOptions:
    """What Triton and users may pass beside a kernel's own arguments."""

    # These change the code.
    debug: bool = False
    sanitize_overflow: bool = True
    arch: str = ""
    supported_fp8_dtypes: Tuple[str, ...] = ("fp8e4b15", "fp8e4b8", "fp8e4nv", "fp8e5", "fp8e5b16")
    deprecated_fp8_dot_operand_dtypes: Tuple[str, ...] = ()
    default_dot_input_precision: str = "ieee"
    allowed_dot_input_precisions: Tuple[str, ...] = ("ieee", "tf32", "tf32x3", "bf16x3", "bf16x6")
    max_num_imprecise_acc_default: int = 0
    backend_name: str = "cpu"
    ir_override: Optional[str] = None

    # Knobs of GPUs, which tutorials, libraries and tuners pass: no effect here.
    # A product and a sum are rounded one by one, as Triton 3.10 does by itself.
    enable_fp_fusion: bool = True
    num_warps: int = 4
    num_ctas: int = 1
    num_stages: int = 3
    warp_size: int = 1
    maxnreg: Optional[int] = None
    extern_libs: tuple = ()
    launch_cooperative_grid: bool = False
    launch_pdl: bool = False
    instrumentation_mode: str = ""
    fpsan_homomorphic_casts: bool = False
    # NVIDIA's
    ptx_version: Optional[int] = None
    ptx_options: Optional[str] = None
    sched4reg: bool = False
    enable_reflect_ftz: bool = True
    clc: bool = False
    min_shared_mem: Optional[int] = None
    cluster_dims: tuple = (1, 1, 1)
    num_buffers_warp_spec: int = 0
    num_consumer_groups: int = 0
    reg_dec_producer: int = 0
    reg_inc_consumer: int = 0
    # AMD's
    waves_per_eu: int = 0
    matrix_instr_nonkdim: int = 0
    kpack: int = 1
    allow_flush_denorm: bool = False
    schedule_hint: str = ""
    llvm_fn_attrs: object = ""
    wgp_cu_mode: str = "wgp"
    # Intel's and others'
    grf_mode: str = "default"
    generate_native_code: bool = False
    advanced_path: bool = False
    one_matrix_per_load_for_bt: bool = False
    split_barriers_scope: str = "None"
    threads_per_warp: int = 1

    _CODE = (
        "debug", "sanitize_overflow", "arch", "supported_fp8_dtypes", "default_dot_input_precision",
        "ir_override",
    )  # fmt: skip

    def __post_init__(self) -> None:
        # What a GPU would refuse shall not pass in a CI without one.
        if self.num_warps <= 0 or self.num_warps & (self.num_warps - 1):
            raise AssertionError(f"num_warps must be a power of 2, not {self.num_warps}")

    def hash(self) -> str:
        """The same for options that give the same code."""
        text = repr([(name, getattr(self, name)) for name in self._CODE])
        return hashlib.sha256(text.encode()).hexdigest()


_OPTION_NAMES = frozenset(f.name for f in fields(CPUOptions) if f.name != "_CODE")


class CPUBackend(BaseBackend):
    binary_ext = "so"

    @staticmethod
    def supports_target(target: GPUTarget) -> bool:
        return target.backend == "cpu"

    def __init__(self, target: GPUTarget) -> None:
        super().__init__(target)
        versions.say_version()
        make_late_stages()
        # PyTorch's Inductor leaves the architecture empty.
        host = _tegula.host_processor()
        self.is_host = not target.arch or target.arch == host
        self.tegula_target = "cpu" if self.is_host else f"cpu:{target.arch}"

    def hash(self) -> str:
        return f"tegula-{_tegula.build_id()}-{self.tegula_target}"

    def parse_options(self, options: dict) -> CPUOptions:
        known = {k: v for k, v in options.items() if k in _OPTION_NAMES and v is not None}
        known.setdefault("arch", self.target.arch or _tegula.host_processor())
        known["warp_size"] = 1
        if isinstance(known.get("extern_libs"), dict):
            known["extern_libs"] = tuple(known["extern_libs"].items())
        return CPUOptions(**known)

    def pack_metadata(self, metadata):
        return (metadata.num_warps, metadata.num_ctas, metadata.shared)

    def get_codegen_implementation(self, options):
        from . import fp8e4b15

        return {"min_dot_size": lambda lhs, rhs: (1, 1, 1), "convert_custom_types": fp8e4b15.convert}

    def get_module_map(self) -> Dict[str, ModuleType]:
        from . import libdevice

        return {
            "triton.language.extra.libdevice": libdevice,
            "triton.language.extra.cpu.libdevice": libdevice,
        }

    def load_dialects(self, context) -> None:
        pass

    def add_stages(self, stages: dict, options: CPUOptions, language) -> None:
        if language != Language.TRITON:
            raise NotImplementedError("the backend 'cpu' compiles the Triton language, not Gluon")
        compiled = {}

        def compile_all(module, metadata):
            compiled.update(self._compile(module, metadata))
            return compiled["tile"]

        stages["ttir"] = lambda module, metadata: self._simplify(module)
        stages["tile"] = compile_all
        for stage in (*_STAGES[1:], "tegula-target", "so"):
            stages[stage] = lambda module, metadata, stage=stage: compiled[stage]

    @staticmethod
    def _simplify(module):
        manager = ir.pass_manager(module.context)
        manager.enable_debug()
        passes.common.add_inliner(manager)
        passes.common.add_canonicalizer(manager)
        passes.common.add_cse(manager)
        passes.common.add_symbol_dce(manager)
        passes.ttir.add_loop_unroll(manager)  # Where tl.range asks for it.
        # Before 3.6 a run has no name.
        manager.run(module, *(["make_ttir"] if versions.installed() >= (3, 6) else []))
        return module

    def _compile(self, module, metadata) -> dict:
        """The stages after `ttir` by name; fills in the metadata."""
        source_text = str(module)
        source = _tegula.Source(
            text=source_text,
            path=f"{module.get_entry_func_name()}.ttir",
            kind="ttir",
            target=self.tegula_target,
            must_run=self.is_host,
        )
        compiled = _tegula.compile(source, list(_STAGES))
        metadata["name"] = compiled.name
        metadata["tegula"] = json.loads(compiled.metadata)
        # For the driver's Origin.
        metadata["tegula_target"] = (self.tegula_target, self.is_host)
        metadata["tegula_ttir"] = source_text
        metadata["tegula_sha256"] = hashlib.sha256(compiled.code).hexdigest()
        metadata["shared"] = 0
        for scratch in ("global_scratch", "profile_scratch"):
            metadata[f"{scratch}_size"] = 0
            metadata[f"{scratch}_align"] = 1
        return {**compiled.stages, "tegula-target": self.tegula_target, "so": compiled.code}
