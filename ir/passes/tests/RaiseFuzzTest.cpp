//===- RaiseFuzzTest.cpp - Raised kernels do what they did
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random index expressions, masks, carried pointers and branches: the
// interpreter must leave the same memory for a kernel as it was written and as
// it is raised.
//
//===----------------------------------------------------------------------===//

#include "ir/interp/Interpreter.h"
#include "ir/passes/Passes.h"
#include "ir/tile/Tile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <doctest/doctest.h>
#include <random>

using namespace mlir;
using namespace tegula;

namespace {
struct Memory {
  // Indices reach far to both sides of the pointer.
  static constexpr size_t kMiddle = size_t(1) << 17;
  std::vector<int32_t> x = std::vector<int32_t>(2 * kMiddle);
  std::vector<int32_t> out = std::vector<int32_t>(4096);
  std::vector<int32_t> index = std::vector<int32_t>(512);
};

/// Writes the text of one random kernel.
class KernelWriter {
public:
  explicit KernelWriter(unsigned seed) : random(seed) {}
  std::string write();

private:
  int pick(int count) {
    return std::uniform_int_distribution<int>(0, count - 1)(random);
  }
  std::string emit(const std::string &text) {
    std::string name = "%v" + std::to_string(next++);
    body += "  " + name + " = " + text + "\n";
    return name;
  }
  static std::string tensor(const std::string &shape,
                            const std::string &element) {
    return "tensor<" + shape + "x" + element + ">";
  }
  std::string binary(const std::string &op, const std::string &a,
                     const std::string &b, const std::string &type) {
    return emit(op + " " + a + ", " + b + " : " + type);
  }

  std::string scalar(int depth);
  std::string splat(const std::string &scalar, const std::string &shape);
  std::string line(int size, int depth);
  std::string spread(const std::string &line, int dim,
                     const std::string &element);
  std::string plane(int depth);
  std::string lineMask(int size, int depth);
  std::string planeMask(int depth);
  std::string planePointer();
  void loadAndAdd(const std::string &pointer, const std::string &target);

  std::mt19937 random;
  std::string body;
  int next = 0;
  int rows = 4, cols = 8;
  std::string shape;
  // Scalars that are visible here.
  std::vector<std::string> scalars;
};
} // namespace

std::string KernelWriter::scalar(int depth) {
  if (depth == 0 || pick(3) == 0) {
    if (pick(3) == 0)
      return emit("arith.constant " + std::to_string(pick(9) - 2) + " : i32");
    return scalars[pick(scalars.size())];
  }
  static const char *ops[] = {"arith.addi",  "arith.subi",  "arith.muli",
                              "arith.minsi", "arith.divsi", "arith.remsi"};
  int op = pick(8);
  std::string a = scalar(depth - 1), b = scalar(op >= 2 ? 0 : depth - 1);
  // Indices are divided by counts: those aren't negative.
  if (op % 6 >= 4)
    b = pick(2) ? "%n" : "%positive";
  return binary(ops[op % 6], a, b, "i32");
}

std::string KernelWriter::splat(const std::string &scalar,
                                const std::string &shape) {
  return emit("tile.splat " + scalar + " : i32 -> " + tensor(shape, "i32"));
}

/// A random tensor<size x i32>.
std::string KernelWriter::line(int size, int depth) {
  std::string shape = std::to_string(size), type = tensor(shape, "i32");
  if (depth == 0) {
    int kind = pick(6);
    if (kind == 0)
      return splat(scalar(1), shape);
    if (kind == 1) { // an index that is loaded
      std::string range = emit("tile.range 0 to " + shape + " : " + type);
      std::string ptrs = tensor(shape, "!tile.ptr<i32>");
      std::string base = emit("tile.splat %index : !tile.ptr<i32> -> " + ptrs);
      std::string ptr = emit("tile.ptr_add " + base + ", " + range + " : " +
                             ptrs + ", " + type);
      return emit("tile.load " + ptr + " : " + ptrs);
    }
    int start = pick(3) ? 0 : pick(5);
    return emit("tile.range " + std::to_string(start) + " to " +
                std::to_string(start + size) + " : " + type);
  }
  std::string a = line(size, depth - 1);
  switch (pick(9)) {
  case 0:
  case 1:
    return binary("arith.addi", a, line(size, depth - 1), type);
  case 2:
    return binary("arith.subi", a, line(size, 0), type);
  case 3:
    return binary("arith.muli", a, splat(scalar(0), shape), type);
  case 4:
  case 5: {
    // Unsigned division of what is negative would leave the arrays.
    bool isUnsigned = pick(2);
    if (isUnsigned && pick(2))
      a = emit("tile.range 2 to " + std::to_string(2 + size) + " : " + type);
    else if (isUnsigned)
      a = binary("arith.maxsi", a, splat(emit("arith.constant 0 : i32"), shape),
                 type);
    std::string suffix = isUnsigned ? "ui" : "si";
    if (pick(2))
      return binary("arith.rem" + suffix, a,
                    splat(pick(2) ? "%n" : scalar(1), shape), type);
    return binary(
        "arith.div" + suffix, a,
        splat(emit("arith.constant " + std::to_string(1 << pick(4)) + " : i32"),
              shape),
        type);
  }
  case 6: {
    std::string wide = tensor(shape, "i64");
    std::string ext = emit("arith.extsi " + a + " : " + type + " to " + wide);
    return emit("arith.trunci " + ext + " : " + wide + " to " + type);
  }
  case 7: {
    std::string flag = binary(pick(2) ? "arith.cmpi slt," : "arith.cmpi ne,",
                              scalar(1), scalar(1), "i32");
    return emit("arith.select " + flag + ", " + a + ", " +
                line(size, depth - 1) + " : " + type);
  }
  default:
    return binary("arith.addi", a, splat(scalar(2), shape), type);
  }
}

/// A line along `dim`, repeated along the other one.
std::string KernelWriter::spread(const std::string &line, int dim,
                                 const std::string &element) {
  int size = dim == 0 ? rows : cols;
  std::string narrow =
      dim == 0 ? std::to_string(size) + "x1" : "1x" + std::to_string(size);
  std::string expanded = emit(
      "tile.expand_dims " + line + " axis " + std::to_string(1 - dim) + " : " +
      tensor(std::to_string(size), element) + " -> " + tensor(narrow, element));
  return emit("tile.broadcast " + expanded + " : " + tensor(narrow, element) +
              " -> " + tensor(shape, element));
}

/// A random tensor<rows x cols x i32>.
std::string KernelWriter::plane(int depth) {
  std::string type = tensor(shape, "i32");
  if (depth == 0 || pick(4) == 0)
    return spread(line(rows, pick(3)), 0, "i32");
  switch (pick(6)) {
  case 0: { // one range over the whole tile
    int size = rows * cols;
    std::string flat = line(size, pick(2));
    return emit("tile.reshape " + flat + " : " +
                tensor(std::to_string(size), "i32") + " -> " + type);
  }
  case 1:
    return binary("arith.muli", plane(depth - 1), splat(scalar(0), shape),
                  type);
  case 2: {
    std::string other =
        tensor(std::to_string(cols) + "x" + std::to_string(rows), "i32");
    std::string turned = emit("tile.trans " + plane(depth - 1) +
                              " [1, 0] : " + type + " -> " + other);
    return emit("tile.trans " + turned + " [1, 0] : " + other + " -> " + type);
  }
  default:
    return binary("arith.addi", plane(depth - 1),
                  spread(line(cols, pick(3)), 1, "i32"), type);
  }
}

std::string KernelWriter::lineMask(int size, int depth) {
  static const char *predicates[] = {"slt", "sle", "sgt", "sge", "eq",
                                     "ne",  "ult", "ule", "ugt", "uge"};
  std::string shape = std::to_string(size), type = tensor(shape, "i32");
  int predicate = pick(12) % 10;
  std::string a = line(size, depth);
  std::string b = pick(3) ? splat(scalar(1), shape) : line(size, 1);
  if (pick(2))
    std::swap(a, b);
  return binary(std::string("arith.cmpi ") + predicates[predicate] + ",", a, b,
                type);
}

std::string KernelWriter::planeMask(int depth) {
  std::string type = tensor(shape, "i1");
  if (depth == 0) {
    if (pick(6) == 0) {
      std::string flag = binary("arith.cmpi slt,", scalar(1), scalar(1), "i32");
      return emit("tile.splat " + flag + " : i1 -> " + type);
    }
    if (pick(6) == 0)
      return binary("arith.cmpi sge,", plane(1), plane(1),
                    tensor(shape, "i32"));
    int dim = pick(2), size = dim == 0 ? rows : cols;
    std::string mask = lineMask(size, pick(2));
    if (pick(3) == 0)
      mask = binary(pick(2) ? "arith.andi" : "arith.ori", mask,
                    lineMask(size, 0), tensor(std::to_string(size), "i1"));
    return spread(mask, dim, "i1");
  }
  std::string a = planeMask(depth - 1);
  if (pick(6) == 0) {
    std::string truth = emit("arith.constant dense<true> : " + type);
    return binary("arith.xori", a, truth, type);
  }
  return binary(pick(4) ? "arith.andi" : "arith.ori", a, planeMask(depth - 1),
                type);
}

std::string KernelWriter::planePointer() {
  std::string type = tensor(shape, "!tile.ptr<i32>");
  std::string base =
      emit("tile.ptr_add %x, " + scalar(1) + " : !tile.ptr<i32>, i32");
  std::string ptr = emit("tile.splat " + base + " : !tile.ptr<i32> -> " + type);
  for (int k = 0, count = 1 + pick(2); k < count; ++k)
    ptr = emit("tile.ptr_add " + ptr + ", " + plane(1 + pick(2)) + " : " +
               type + ", " + tensor(shape, "i32"));
  return ptr;
}

/// Adds what `pointer` points to into the tile at `target`.
void KernelWriter::loadAndAdd(const std::string &pointer,
                              const std::string &target) {
  std::string ptrs = tensor(shape, "!tile.ptr<i32>");
  std::string load = "tile.load " + pointer;
  if (pick(4)) {
    load += " mask " + planeMask(pick(3));
    if (pick(2))
      load += " other " + splat(scalar(1), shape);
  }
  std::string value = emit(load + " : " + ptrs);
  std::string old = emit("tile.load " + target + " : " + ptrs);
  std::string sum = binary("arith.addi", value, old, tensor(shape, "i32"));
  body += "  tile.store " + target + ", " + sum + " : " + ptrs + "\n";
}

std::string KernelWriter::write() {
  rows = 1 << pick(4), cols = 1 << pick(4);
  shape = std::to_string(rows) + "x" + std::to_string(cols);
  std::string ptrs = tensor(shape, "!tile.ptr<i32>");
  std::string ints = tensor(shape, "i32");
  std::string pid = emit("tile.program_id x : i32");
  body += "  %positive = arith.constant 3 : i32\n  %middle = arith.constant " +
          std::to_string(Memory::kMiddle) +
          " : i32\n  %x = tile.ptr_add %array, %middle : !tile.ptr<i32>, "
          "i32\n";
  scalars = {pid, "%n", "%m"};
  scalars.push_back(emit("arith.extsi %narrow : i8 to i32"));

  // Where results go: a tile of its own for each program.
  int size = rows * cols;
  std::string tile = emit("arith.constant " + std::to_string(size) + " : i32");
  std::string first = binary("arith.muli", pid, tile, "i32");
  std::string base =
      emit("tile.ptr_add %out, " + first + " : !tile.ptr<i32>, i32");
  std::string flat = emit("tile.range 0 to " + std::to_string(size) + " : " +
                          tensor(std::to_string(size), "i32"));
  std::string offsets =
      emit("tile.reshape " + flat + " : " +
           tensor(std::to_string(size), "i32") + " -> " + ints);
  std::string bases =
      emit("tile.splat " + base + " : !tile.ptr<i32> -> " + ptrs);
  std::string target = emit("tile.ptr_add " + bases + ", " + offsets + " : " +
                            ptrs + ", " + ints);
  loadAndAdd(planePointer(), target);

  // A loop that walks a pointer and an index.
  std::string pointer = planePointer(), index = plane(1);
  std::string low =
      emit("arith.constant " + std::to_string(pick(3)) + " : i32");
  std::string step =
      emit("arith.constant " + std::to_string(1 + pick(3)) + " : i32");
  std::string p = "%p" + std::to_string(next), i = "%i" + std::to_string(next),
              iv = "%k" + std::to_string(next), count = scalar(1);
  std::string bound =
      binary("arith.minsi", count, emit("arith.constant 6 : i32"), "i32");
  std::string results =
      emit("scf.for " + iv + " = " + low + " to " + bound + " step " + step +
           " iter_args(" + p + " = " + pointer + ", " + i + " = " + index +
           ") -> (" + ptrs + ", " + ints + ") : i32 {");
  // Two results: the text above wants a name for both.
  body.replace(body.rfind(results + " ="), results.size(), results + ":2");
  std::vector<std::string> outer = scalars;
  scalars.push_back(iv);
  std::string moved =
      emit("tile.ptr_add " + p + ", " + i + " : " + ptrs + ", " + ints);
  loadAndAdd(pick(2) ? moved : p, target);
  std::string delta = pick(3) ? splat(scalar(pick(3)), shape) : plane(1);
  std::string nextPointer =
      emit("tile.ptr_add " + p + ", " + delta + " : " + ptrs + ", " + ints);
  if (pick(3) == 0) {
    std::string flag = binary("arith.cmpi slt,", scalar(1), scalar(1), "i32");
    std::string alternative =
        emit("tile.ptr_add " + p + ", " + splat(scalar(1), shape) + " : " +
             ptrs + ", " + ints);
    nextPointer =
        emit("scf.if " + flag + " -> (" + ptrs + ") {\n  scf.yield " +
             nextPointer + " : " + ptrs + "\n  } else {\n  scf.yield " +
             alternative + " : " + ptrs + "\n  }");
  }
  std::string nextIndex =
      binary("arith.addi", i, splat(scalar(pick(2)), shape), ints);
  body += "  scf.yield " + nextPointer + ", " + nextIndex + " : " + ptrs +
          ", " + ints + "\n  }\n";
  scalars = outer;
  loadAndAdd(results + "#0", target);

  // The same value everywhere: the order of lanes doesn't matter.
  std::string seven = emit("arith.constant dense<7> : " + ints);
  std::string where = planePointer();
  body += "  tile.store " + where + ", " + seven + " mask " + planeMask(1) +
          " : " + ptrs + "\n";
  return "func.func @kernel(%array: !tile.ptr<i32>, %out: !tile.ptr<i32>, "
         "%index: !tile.ptr<i32>, %n: i32, %m: i32, %narrow: i8) {\n" +
         body + "  return\n}\n";
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static std::string run(ModuleOp module, Memory &memory, unsigned seed) {
  auto function = *module.getOps<func::FuncOp>().begin();
  auto interpreter = ir::Interpreter::create(function);
  if (!interpreter)
    return llvm::toString(interpreter.takeError());
  for (size_t i = 0; i < memory.x.size(); ++i)
    memory.x[i] = static_cast<int32_t>(i * 7919u);
  for (size_t i = 0; i < memory.index.size(); ++i)
    memory.index[i] = static_cast<int32_t>((i * 37) % 50);
  int32_t n = 1 + seed % 13, m = static_cast<int32_t>(seed % 7) - 2;
  uint64_t slots[] = {reinterpret_cast<uint64_t>(memory.x.data()),
                      reinterpret_cast<uint64_t>(memory.out.data()),
                      reinterpret_cast<uint64_t>(memory.index.data()),
                      static_cast<uint32_t>(n),
                      static_cast<uint32_t>(m),
                      static_cast<uint8_t>(seed % 5)};
  ir::InterpreterLaunch launch;
  launch.grid = {3, 1, 1};
  launch.slots = slots;
  uint64_t extents[] = {memory.x.size() * 4,
                        memory.out.size() * 4,
                        memory.index.size() * 4,
                        0,
                        0,
                        0};
  launch.extents = extents;
  return llvm::toString((*interpreter)->launch(launch));
}

/// False for a kernel that leaves its arrays.
static bool compare(unsigned seed) {
  DialectRegistry registry;
  registry.insert<tile::TileDialect, arith::ArithDialect, func::FuncDialect,
                  scf::SCFDialect>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::string text = KernelWriter(seed).write();
  auto module =
      parseSourceString<ModuleOp>(text, ParserConfig(&context), "kernel.mlir");
  REQUIRE_MESSAGE(module, text);
  auto before = std::make_unique<Memory>(), after = std::make_unique<Memory>();
  std::string trouble = run(*module, *before, seed);
  if (llvm::StringRef(trouble).contains("out of bounds"))
    return false;
  REQUIRE_MESSAGE(trouble == "", trouble);
  PassManager pm(&context);
  ir::buildRaisePipeline(pm);
  REQUIRE_MESSAGE(succeeded(pm.run(*module)), text);
  trouble = run(*module, *after, seed);
  std::string raised;
  llvm::raw_string_ostream(raised) << *module;
  CHECK_MESSAGE(trouble == "", "seed ", seed, "\n", trouble, "\n", text, "\n",
                raised);
  bool isSame = before->x == after->x && before->out == after->out;
  CHECK_MESSAGE(isSame, "seed ", seed, "\n", text, "\n", raised);
  return true;
}

static void compareSeeds(unsigned first, unsigned last) {
  unsigned compared = 0;
  for (unsigned seed = first; seed <= last; ++seed)
    compared += compare(seed);
  CHECK(compared > (last - first) / 2);
}

TEST_CASE("random kernels do the same when they are raised") {
  compareSeeds(1, 300);
}

// By hand: PassesTest --no-skip -tc="many random kernels*"
TEST_CASE("many random kernels do the same when they are raised" *
          doctest::skip()) {
  compareSeeds(301, 10000);
}
