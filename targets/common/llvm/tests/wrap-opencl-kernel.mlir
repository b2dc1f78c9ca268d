// RUN: tegula-opt %s --tegula-wrap-opencl-kernel --split-input-file --verify-diagnostics | FileCheck %s

// A pointer is a buffer and an offset, a scalar its slot; then the launch.
// CHECK: llvm.func internal spir_funccc @tegula_entry(%{{.*}}: !llvm.ptr<1>, %{{.*}}: !llvm.ptr<1>) attributes {always_inline
// CHECK: llvm.load %{{[a-z0-9]+}} : !llvm.ptr<1> -> !llvm.ptr<1>
// CHECK: llvm.func spir_kernelcc @tegula_kernel(%[[X:.*]]: !llvm.ptr<1>, %[[OFFSET:.*]]: i64, %[[N:.*]]: i64, %[[SCRATCH:.*]]: !llvm.ptr<1>, %[[BYTES:.*]]: i64, %[[FIRST:.*]]: i64, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64)
// CHECK: %[[ITEM:.*]] = llvm.call spir_funccc @_Z13get_global_idj
// CHECK: %[[SKIP:.*]] = llvm.mul %[[ITEM]], %[[BYTES]]
// CHECK: llvm.getelementptr %[[SCRATCH]][%[[SKIP]]]
// CHECK: %[[ARRAY:.*]] = llvm.getelementptr %[[X]][%[[OFFSET]]]
// CHECK: llvm.store %[[ARRAY]]
// CHECK: llvm.store %[[N]]
// CHECK: llvm.add %[[ITEM]], %[[FIRST]]
// CHECK: llvm.call spir_funccc @tegula_entry
llvm.func @tegula_entry(%slots: !llvm.ptr, %program: !llvm.ptr)
    attributes {tegula.args = [{name = "x", type = "*f32"},
                               {name = "n", type = "i32"}]} {
  %x = llvm.load %slots invariant : !llvm.ptr -> !llvm.ptr
  %id = llvm.load %program : !llvm.ptr -> i32
  llvm.store %id, %x : i32, !llvm.ptr
  llvm.return
}

// -----

// expected-error@+1 {{the module holds no kernel}}
module {
  llvm.func @other() {
    llvm.return
  }
}
