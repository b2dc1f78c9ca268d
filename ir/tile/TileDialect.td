//===- TileDialect.td - The tile dialect and its types -----*- tablegen -*-===//

#ifndef TEGULA_IR_TILE_TILEDIALECT_TD
#define TEGULA_IR_TILE_TILEDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::tegula::tile";
  let summary = "Tiles of a Triton-language program, on no machine in particular";
  let description = [{
    One `func.func` is one kernel; its body is what one *program* of the launch
    grid does. Values are scalars, builtin `tensor`s of static shape, pointers
    (`!tile.ptr`) and tensors of them, and tensor descriptors (`!tile.desc`).
    Elementwise work is plain `arith` and `math` on tensors, control flow is
    `scf`. The dialect holds only what those lack.

    Meaning that holds for every op, of this dialect and of the borrowed ones:

    - lanes that a mask switches off touch no memory;
    - integer overflow wraps;
    - `x / 0 = 0`, `x % 0 = x`, `INT_MIN / -1 = INT_MIN` (remainder 0), a left or
      logical right shift by the width or more gives 0, an arithmetic right shift
      by the width or more gives the sign in every bit, float to integer
      saturates and NaN gives 0: nothing traps;
    - the arithmetic that makes addresses is assumed not to wrap;
    - conversions to a narrower float round to nearest even unless the op says
      otherwise; f16 and bf16 arithmetic rounds after each op;
    - an integer has no sign of its own: the op says how it is read.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let hasConstantMaterializer = 1;
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerTypes();
    void registerAttributes();
    /// Function argument attribute: the value (or address in bytes) is a
    /// multiple of this i32.
    static constexpr ::llvm::StringLiteral kDivisibilityAttr = "tile.divisibility";
    /// Function argument attribute: the name the user gave the argument.
    static constexpr ::llvm::StringLiteral kNameAttr = "tile.name";
    /// Attribute of a memory op after raising: "box", "rows", "gather", "scalar".
    static constexpr ::llvm::StringLiteral kTierAttr = "tile.tier";
  }];
}

class Tile_Type<string name, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<Tile_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
}

def Tile_PtrType : Tile_Type<"Ptr", "ptr"> {
  let summary = "pointer to an element in user memory";
  let description = [{
    The address of a scalar of type `pointeeType`. Arithmetic counts in elements
    (`tile.ptr_add`). Example: `!tile.ptr<f32>`, `tensor<128x!tile.ptr<bf16>>`.
  }];
  let parameters = (ins "::mlir::Type":$pointeeType);
  let builders = [TypeBuilderWithInferredContext<(ins "::mlir::Type":$pointeeType), [{
    return $_get(pointeeType.getContext(), pointeeType);
  }]>];
  let assemblyFormat = "`<` $pointeeType `>`";
  let genVerifyDecl = 1;
}

def Tile_DescType : Tile_Type<"Desc", "desc"> {
  let summary = "descriptor of an array in memory that is read and written by blocks";
  let description = [{
    A base pointer with the array's shape and strides; `shape` is the shape of a
    block. Example: `!tile.desc<128x64xf16>`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$elementType);
  let builders = [TypeBuilderWithInferredContext<(ins
      "::llvm::ArrayRef<int64_t>":$shape, "::mlir::Type":$elementType), [{
    return $_get(elementType.getContext(), shape, elementType);
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getBlockType() const;
  }];
}

#endif // TEGULA_IR_TILE_TILEDIALECT_TD
