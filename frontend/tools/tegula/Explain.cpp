//===- Explain.cpp - tegula explain ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Stages.h"
#include "frontend/tools/tegula/Tool.h"
#include "ir/passes/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tegula::tools {

using namespace frontend;
namespace cl = llvm::cl;

static const char *const kExamples =
    "  tegula explain kernels/softmax             as in its last case\n"
    "  tegula explain add.py x='*f32' out='*f32' n=i32 BLOCK=256 --json\n"
    "\nTiers, best first: box (base, strides, bounds), rows, gather, scalar.\n";

namespace {

struct Access {
  unsigned line = 0;
  std::string op, tier, blockedBy;
};

std::vector<Access> collectAccesses(mlir::ModuleOp module) {
  std::vector<Access> accesses;
  module.walk([&](mlir::Operation *op) {
    auto tier =
        op->getAttrOfType<mlir::StringAttr>(tile::TileDialect::kTierAttr);
    if (!tier)
      return;
    Access access;
    access.op = op->getName().getStringRef().str();
    access.tier = tier.str();
    if (auto place = op->getLoc()->findInstanceOf<mlir::FileLineColLoc>())
      access.line = place.getLine();
    if (auto blame = op->getAttrOfType<mlir::StringAttr>(ir::kBlockedByAttr))
      access.blockedBy = blame.str();
    accesses.push_back(std::move(access));
  });
  return accesses;
}

/// `tegula.placement`: what became of each tile. All but the numbers is text.
llvm::json::Array valuesOf(mlir::Operation &entry) {
  llvm::json::Array values;
  auto placements = entry.getAttrOfType<mlir::ArrayAttr>("tegula.placement");
  if (!placements)
    return values;
  for (auto tile : placements.getAsRange<mlir::DictionaryAttr>()) {
    llvm::json::Object row;
    for (mlir::NamedAttribute field : tile)
      if (auto number = mlir::dyn_cast<mlir::IntegerAttr>(field.getValue()))
        row[field.getName().strref()] = number.getInt();
      else if (auto text = mlir::dyn_cast<mlir::StringAttr>(field.getValue()))
        row[field.getName().strref()] = text.getValue();
    values.push_back(std::move(row));
  }
  return values;
}

/// What the lowering leaves on the entry function.
void describeEntry(mlir::ModuleOp module, llvm::json::Object &object) {
  for (mlir::Operation &op : *module.getBody()) {
    if (!op.hasAttr("tegula.kernel"))
      continue;
    object["values"] = valuesOf(op);
    if (auto bytes = op.getAttrOfType<mlir::IntegerAttr>("tegula.arena_bytes"))
      object["arena_bytes"] = bytes.getInt();
    if (auto cost = op.getAttrOfType<mlir::FloatAttr>("tegula.cost_ns"))
      object["cost_ns"] = cost.getValueAsDouble();
  }
}

void printText(const llvm::json::Object &object,
               llvm::ArrayRef<Access> accesses) {
  llvm::raw_ostream &os = llvm::outs();
  os << *object.getString("kernel") << " for " << *object.getString("target")
     << ": " << (*object.getBoolean("legal") ? "can be compiled" : "refused")
     << '\n';
  if (auto reason = object.getString("reason"))
    os << "  " << *reason << '\n';
  Table table({"line", "operation", "tier", "blocked by"}, 4);
  for (const Access &access : accesses)
    table.add({std::to_string(access.line), access.op, access.tier,
               access.blockedBy});
  table.print(os);
  if (const llvm::json::Array *values = object.getArray("values"))
    if (!values->empty()) {
      Table places({"line", "operation", "type", "placement", "bytes", "why"},
                   6);
      for (const llvm::json::Value &value : *values) {
        const llvm::json::Object &row = *value.getAsObject();
        auto text = [&](llvm::StringRef key) {
          return row.getString(key).value_or("").str();
        };
        places.add({std::to_string(row.getInteger("line").value_or(0)),
                    text("op"), text("type"), text("placement"),
                    std::to_string(row.getInteger("bytes").value_or(0)),
                    text("why")});
      }
      os << '\n';
      places.print(os);
    }
  if (auto bytes = object.getInteger("arena_bytes"))
    os << "\nscratch memory of a running program: " << *bytes << " bytes\n";
}

/// Lowers as far as MLIR goes and asks what became of the tiles.
llvm::Error explainLowering(Stages &stages, const targets::Target &target,
                            const targets::TargetDesc &desc,
                            llvm::json::Object &object) {
  llvm::StringRef first;
  for (const targets::Stage &stage : target.stages())
    if (first.empty() && stage.kind == targets::Stage::Kind::Mlir)
      first = stage.name;
  if (first.empty())
    return llvm::Error::success();
  auto lowered = stages.lower(target, desc, first);
  if (!lowered)
    return lowered.takeError();
  describeEntry(stages.module(), object);
  return llvm::Error::success();
}

} // namespace

int explainMain(int argc, char **argv) {
  Options options("explain", "Says what the compiler made of a kernel.",
                  kExamples);
  auto in = cl::sub(options.sub);
  cl::opt<std::string> targetName("target", cl::init(defaultTarget()),
                                  cl::value_desc("name[:arch[:features]]"),
                                  cl::desc("the machine (default: "
                                           "TEGULA_TARGET, else cpu)"),
                                  in);
  cl::opt<bool> json("json", cl::desc("print JSON"), in);
  cl::list<std::string> words(cl::Positional, cl::OneOrMore,
                              cl::desc("SOURCE NAME=TYPE_OR_VALUE..."), in);
  if (!options.parse(argc, argv))
    return Usage;

  CompileContext context;
  Diagnostics diagnostics;
  auto fail = [&](llvm::Error error) {
    show(diagnostics);
    return report(std::move(error));
  };
  auto spelling = targets::TargetSpelling::parse(targetName);
  auto target = context.registry().find(spelling.name);
  if (!target)
    return report(target.takeError());
  auto desc = target->describe(spelling.arch, spelling.features);
  if (!desc)
    return report(desc.takeError());
  auto kernel = openAndBind(context, words, BindMode::Compile, diagnostics);
  if (!kernel)
    return fail(kernel.takeError());
  auto module =
      kernel->program.import(context, kernel->bound.specs(), diagnostics);
  if (!module)
    return fail(llvm::make_error<Reported>());
  Stages stages(context, kernel->program.kernelName(), kernel->program.source(),
                diagnostics, std::move(module));
  if (llvm::Error error = stages.raise())
    return fail(std::move(error));

  std::vector<Access> accesses = collectAccesses(stages.module());
  llvm::json::Array rows;
  for (const Access &access : accesses) {
    llvm::json::Object row{
        {"line", access.line}, {"op", access.op}, {"tier", access.tier}};
    if (!access.blockedBy.empty())
      row["blocked_by"] = access.blockedBy;
    rows.push_back(std::move(row));
  }
  targets::Support legal = stages.supports(*target, *desc);
  llvm::json::Object object{{"kernel", kernel->program.kernelName()},
                            {"target", desc->name},
                            {"legal", bool(legal)},
                            {"accesses", std::move(rows)},
                            {"values", llvm::json::Array()},
                            {"vector_bits", desc->vectorBits}};
  if (legal) {
    if (llvm::Error error = explainLowering(stages, *target, *desc, object))
      return fail(std::move(error));
  } else {
    object["reason"] = legal.reason;
  }
  if (json)
    printJson(std::move(object));
  else
    printText(object, accesses);
  return Done;
}

} // namespace tegula::tools
