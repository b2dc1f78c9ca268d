# RUN: tegula-lang-import %s::mixed i8=*i8 i32=*i32 u32=*u32 i64=*i64 f16=*f16 bf16=*bf16 f32=*f32 n=i32 | FileCheck %s --check-prefix=MIXED
# RUN: tegula-lang-import %s::weak f16=*f16 i8=*i8 u8=*u8 i32=*i32 f32=*f32 | FileCheck %s --check-prefix=WEAK
# RUN: tegula-lang-import %s::division i32=*i32 u32=*u32 f16=*f16 f32=*f32 | FileCheck %s --check-prefix=DIV
# RUN: tegula-lang-import %s::shifts i32=*i32 u32=*u32 | FileCheck %s --check-prefix=SHIFT
# RUN: tegula-lang-import %s::compares i32=*i32 u32=*u32 f32=*f32 out=*i1 | FileCheck %s --check-prefix=CMP
import triton
import triton.language as tl


# MIXED-LABEL: func.func @mixed
@triton.jit
def mixed(i8, i32, u32, i64, f16, bf16, f32, n):
    a = tl.load(i8)
    b = tl.load(i32)
    c = tl.load(u32)
    d = tl.load(i64)
    h = tl.load(f16)
    g = tl.load(bf16)
    # The wider integer wins; at equal width the unsigned one.
    # MIXED: %[[A:.*]] = arith.extsi %{{.*}} : i8 to i32
    # MIXED: arith.addi %[[A]], %{{.*}} : i32
    tl.store(i32, a + b)
    # MIXED: arith.addi %{{.*}}, %{{.*}} : i32
    # MIXED: arith.shrui
    tl.store(u32, (b + c) >> 1)
    # MIXED: arith.extui %{{.*}} : i32 to i64
    tl.store(i64, c + d)
    # half with bfloat16 meets at half; integers take the float's type, but
    # bfloat16 stays only among its own.
    # MIXED: tile.fp_convert %{{.*}} rtne : bf16 -> f16
    # MIXED: arith.addf %{{.*}}, %{{.*}} : f16
    tl.store(f16, h + g)
    # MIXED: arith.sitofp %{{.*}} : i64 to f32
    tl.store(bf16, g * d)
    # MIXED: arith.uitofp %{{.*}} : i1 to f32
    tl.store(f32, tl.load(f32) + (b < n))


# WEAK-LABEL: func.func @weak
@triton.jit
def weak(f16, i8, u8, i32, f32):
    # A Python number takes the tensor's type if its kind is no higher.
    # WEAK: arith.constant 2.500000e+00 : f16
    # WEAK-NEXT: arith.mulf %{{.*}}, %{{.*}} : f16
    tl.store(f16, tl.load(f16) * 2.5)
    # WEAK: arith.constant 3 : i8
    # WEAK-NEXT: arith.addi %{{.*}}, %{{.*}} : i8
    tl.store(i8, tl.load(i8) + 3)
    # WEAK: arith.constant -56 : i8
    # WEAK: arith.cmpi ult
    tl.store(u8, tl.load(u8) < 200)
    # WEAK: arith.sitofp %{{.*}} : i32 to f32
    # WEAK: arith.addf %{{.*}}, %{{.*}} : f32
    tl.store(f32, tl.load(i32) + 0.5)
    # An assigned number is a tensor and no longer weak.
    # WEAK: %[[ONE:.*]] = arith.constant 1 : i32
    # WEAK: arith.extsi %{{.*}} : i8 to i32
    # WEAK: arith.addi %{{.*}}, %[[ONE]] : i32
    one = 1
    tl.store(i32, tl.load(i8) + one)
    # WEAK: arith.constant 4294967295 : i64
    big: tl.constexpr = 0xFFFFFFFF
    tl.store(i32, (tl.load(i32).to(tl.int64) & big).to(tl.int32))


# DIV-LABEL: func.func @division
@triton.jit
def division(i32, u32, f16, f32):
    a = tl.load(i32)
    b = tl.load(u32)
    # DIV: arith.divsi
    tl.store(i32, a // 3)
    # DIV: arith.remsi
    tl.store(i32, a % 3)
    # DIV: arith.divui
    tl.store(u32, b // 3)
    # DIV: arith.remui
    tl.store(u32, b % 3)
    # DIV: arith.sitofp %{{.*}} : i32 to f32
    # DIV: arith.divf %{{.*}}, %{{.*}} : f32
    tl.store(f32, a / 4)
    # DIV: arith.extf %{{.*}} : f16 to f32
    # DIV: arith.divf %{{.*}}, %{{.*}} : f32
    tl.store(f16, tl.load(f16) / 3)
    # DIV: arith.remf
    tl.store(f32, tl.load(f32) % 2.0)
    # Constants divide as in Python: -4.
    # DIV: arith.constant -4 : i32
    tl.store(i32, -7 // 2)


# SHIFT-LABEL: func.func @shifts
@triton.jit
def shifts(i32, u32):
    # SHIFT: arith.shrsi
    tl.store(i32, tl.load(i32) >> 1)
    # SHIFT: arith.shrui
    tl.store(u32, tl.load(u32) >> 1)
    # SHIFT: arith.shli
    tl.store(i32, tl.load(i32) << 2)
    # SHIFT: %[[ONES:.*]] = arith.constant -1 : i32
    # SHIFT: arith.xori %{{.*}}, %[[ONES]]
    tl.store(i32, ~tl.load(i32))
    # SHIFT: %[[ZERO:.*]] = arith.constant 0 : i32
    # SHIFT: arith.subi %[[ZERO]]
    tl.store(i32, -tl.load(i32))


# CMP-LABEL: func.func @compares
@triton.jit
def compares(i32, u32, f32, out):
    # CMP: arith.cmpi slt
    tl.store(out, tl.load(i32) < 1)
    # CMP: arith.cmpi uge
    tl.store(out, tl.load(u32) >= 1)
    # CMP: arith.cmpf une
    tl.store(out, tl.load(f32) != 1)
    # CMP: arith.cmpi sle
    # CMP: arith.cmpi slt
    # CMP: arith.andi
    tl.store(out, 0 <= tl.load(i32) < 10)
    # CMP: arith.ori
    # CMP: arith.xori
    tl.store(out, not (tl.load(i32) == 1 or tl.load(f32) > 0))
