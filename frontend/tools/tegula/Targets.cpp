//===- Targets.cpp - tegula targets ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/Tool.h"
#include "llvm/ADT/StringExtras.h"

namespace tegula::tools {

using namespace targets;
namespace cl = llvm::cl;

namespace {

struct Row {
  std::string name, arch, reason, description;
  bool available = false;
  TargetDesc desc;
  std::vector<std::string> stages, places;
};

const char *placeName(Place place) {
  switch (place) {
  case Place::Processor:
    return "processor";
  case Place::Device:
    return "device";
  case Place::Emulation:
    return "emulation";
  }
  return "";
}

Row describeTarget(const Target &target, const TargetSpelling &spelling) {
  Row row;
  row.name = target.name().str();
  row.description = target.description().str();
  row.stages = {"tile", "raised"};
  for (const Stage &stage : target.stages())
    row.stages.push_back(stage.name.str());
  llvm::Expected<TargetDesc> desc =
      target.describe(spelling.arch, spelling.features);
  if (!desc) {
    row.reason = llvm::toString(desc.takeError());
    return row;
  }
  row.desc = *desc;
  TargetSpelling full = TargetSpelling::parse(desc->name);
  row.arch = full.arch;
  Support support = target.probe(*desc);
  row.available = bool(support);
  row.reason = support.reason;
  if (row.available)
    row.places.push_back(placeName(desc->place));
  if (desc->place != Place::Emulation && target.probe(onSimulator(*desc)))
    row.places.push_back(placeName(Place::Emulation));
  return row;
}

llvm::json::Object toJson(const Row &row) {
  const TargetDesc &desc = row.desc;
  llvm::json::Array stages, places(row.places);
  for (const std::string &stage : row.stages)
    stages.push_back(stage);
  llvm::json::Object capabilities{{"description", row.description},
                                  {"triple", desc.triple},
                                  {"cpu", desc.cpu},
                                  {"features", desc.features},
                                  {"vector_bits", desc.vectorBits},
                                  {"vector_registers", desc.numVectorRegisters},
                                  {"mask_registers", desc.maskedBits == 8},
                                  {"fma", desc.hasFma},
                                  {"f16_convert", desc.hasF16Convert},
                                  {"bf16_convert", desc.hasBf16Convert},
                                  {"bf16_dot", bool(desc.bf16Dot)},
                                  {"l1_bytes", int64_t(desc.l1Bytes)},
                                  {"l2_bytes", int64_t(desc.l2Bytes)},
                                  {"stages", std::move(stages)}};
  return llvm::json::Object{{"name", row.name},
                            {"arch", row.arch},
                            {"available", row.available},
                            {"reason", row.available
                                           ? llvm::json::Value(nullptr)
                                           : llvm::json::Value(row.reason)},
                            {"runs_on", std::move(places)},
                            {"capabilities", std::move(capabilities)}};
}

} // namespace

int targetsMain(int argc, char **argv) {
  Options options("targets", "Lists the machines of this build.",
                  "  tegula targets\n  tegula targets cpu:x86-64-v3 --json\n");
  cl::opt<bool> json("json", cl::desc("print JSON"), cl::sub(options.sub));
  cl::list<std::string> words(cl::Positional,
                              cl::desc("[name[:arch[:features]]...]"),
                              cl::sub(options.sub));
  if (!options.parse(argc, argv))
    return Usage;

  Registry registry;
  std::vector<Row> rows;
  for (const std::string &word : words) {
    TargetSpelling spelling = TargetSpelling::parse(word);
    llvm::Expected<const Target &> target = registry.find(spelling.name);
    if (!target)
      return report(target.takeError());
    llvm::Expected<TargetDesc> desc =
        target->describe(spelling.arch, spelling.features);
    if (!desc)
      return report(desc.takeError());
    rows.push_back(describeTarget(*target, spelling));
  }
  if (words.empty())
    for (const auto &target : registry.targets())
      rows.push_back(describeTarget(*target, {}));

  if (json) {
    llvm::json::Array array;
    for (const Row &row : rows)
      array.push_back(toJson(row));
    printJson(std::move(array));
    return Done;
  }
  Table table({"target", "arch", "available", "stages", ""}, 5);
  for (const Row &row : rows)
    table.add({row.name, row.arch, row.available ? "yes" : "no",
               llvm::join(row.stages, " "),
               row.available ? row.description : row.reason});
  table.print(llvm::outs());
  return Done;
}

} // namespace tegula::tools
