//===- Tuning.cpp - What tegula tune has found out ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/driver/Tuning.h"
#include "frontend/lang/SourceFile.h"
#include "runtime/cache/Cache.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

namespace tegula::frontend {

/// The name of the file in the record's cache entry.
static constexpr const char *kFile = "tuning.json";

static bool isConstexpr(const Program &program, llvm::StringRef name) {
  const KernelInfo *info = program.kernelInfo();
  if (!info)
    return false;
  return llvm::any_of(info->parameters, [&](const ParameterInfo &parameter) {
    return parameter.name == name && parameter.isConstexpr;
  });
}

static void append(std::string &text, llvm::StringRef name,
                   const llvm::Twine &value) {
  text += (text.empty() ? "" : " ") + name.str() + "=" + value.str();
}

std::string shapeOf(const BoundArguments &bound, const Program &program) {
  std::string text;
  for (const Argument &argument : bound.arguments) {
    if (isConstexpr(program, argument.name))
      continue;
    if (argument.array)
      append(text, argument.name, "*" + shortName(argument.array->element));
    else if (argument.value && argument.value->kind == Literal::Kind::Int)
      append(text, argument.name, llvm::Twine(argument.value->asInt()));
  }
  return text;
}

std::string configOf(const BoundArguments &bound, const Program &program) {
  std::string text;
  for (const Argument &argument : bound.arguments)
    if (isConstexpr(program, argument.name) && argument.value)
      append(text, argument.name, argument.value->str());
  return text;
}

static std::string keyOf(const Program &program, llvm::StringRef target) {
  llvm::SHA256 hash;
  for (llvm::StringRef text :
       {llvm::StringRef("tuning"), llvm::StringRef(program.source()->text()),
        llvm::StringRef(program.kernelName()), target}) {
    hash.update(text);
    hash.update(llvm::StringRef("\0", 1));
  }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

TuningRecord TuningRecord::load(const Program &program,
                                llvm::StringRef target) {
  TuningRecord record;
  record.key = keyOf(program, target);
  record.kernel = program.kernelName();
  record.target = target.str();
  auto files = runtime::Cache::ofUser().load(record.key);
  if (!files || files->size() != 1 || files->front().name != kFile)
    return record;
  auto parsed = llvm::json::parse(files->front().bytes);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return record;
  }
  auto found = fromJson(*parsed);
  if (!found) {
    llvm::consumeError(found.takeError());
    return record;
  }
  record.known = std::move(found->known);
  return record;
}

const TuningRow *
TuningRecord::best(llvm::StringRef shape,
                   std::optional<llvm::StringRef> config) const {
  for (const TuningRow &row : known)
    if (row.chosen && row.shape == shape && (!config || row.config == *config))
      return &row;
  return nullptr;
}

void TuningRecord::add(TuningRow row) {
  llvm::erase_if(known, [&](const TuningRow &old) {
    return old.shape == row.shape && old.config == row.config &&
           old.knobs == row.knobs && old.threads == row.threads;
  });
  if (row.chosen)
    for (TuningRow &old : known)
      old.chosen &= old.shape != row.shape;
  known.push_back(std::move(row));
}

void TuningRecord::forget(llvm::StringRef shape) {
  llvm::erase_if(known,
                 [&](const TuningRow &row) { return row.shape == shape; });
}

llvm::Error TuningRecord::save() const {
  runtime::Cache cache = runtime::Cache::ofUser();
  if (cache.store(key, {{kFile, llvm::formatv("{0:2}", toJson())}}))
    return llvm::Error::success();
  return llvm::createStringError(
      "what was found can't be kept: " +
      (cache.warning().empty() ? "there is no cache" : cache.warning()));
}

llvm::json::Value TuningRecord::toJson() const {
  llvm::json::Array rows;
  for (const TuningRow &row : known)
    rows.push_back(llvm::json::Object{{"shape", row.shape},
                                      {"config", row.config},
                                      {"knobs", row.knobs},
                                      {"threads", row.threads},
                                      {"seconds", row.seconds},
                                      {"chosen", row.chosen}});
  return llvm::json::Object{{"kernel", kernel},
                            {"target", target},
                            {"key", key},
                            {"rows", std::move(rows)}};
}

llvm::Expected<TuningRecord>
TuningRecord::fromJson(const llvm::json::Value &value) {
  TuningRecord record;
  const llvm::json::Object *object = value.getAsObject();
  const llvm::json::Array *rows = object ? object->getArray("rows") : nullptr;
  if (!rows || !object->getString("key"))
    return llvm::createStringError(
        "this is no record that tegula tune --export has written");
  record.key = object->getString("key")->str();
  record.kernel = object->getString("kernel").value_or("").str();
  record.target = object->getString("target").value_or("").str();
  for (const llvm::json::Value &element : *rows) {
    const llvm::json::Object *row = element.getAsObject();
    if (!row || !row->getNumber("seconds"))
      continue;
    record.add({row->getString("shape").value_or("").str(),
                row->getString("config").value_or("").str(),
                row->getString("knobs").value_or("").str(),
                unsigned(row->getInteger("threads").value_or(0)),
                *row->getNumber("seconds"),
                row->getBoolean("chosen").value_or(false)});
  }
  return record;
}

std::optional<std::vector<NamedText>>
tunedConfig(const Program &program, const BoundArguments &bound,
            llvm::ArrayRef<NamedText> given, llvm::StringRef target) {
  const KernelInfo *info = program.kernelInfo();
  // The first one was bound only where something was left open.
  if (!info || bound.note.empty())
    return std::nullopt;
  TuningRecord record = TuningRecord::load(program, target);
  const TuningRow *best = record.best(shapeOf(bound, program), std::nullopt);
  if (!best)
    return std::nullopt;
  for (const AutotuneConfig &config : info->configs) {
    std::vector<NamedText> words(given.begin(), given.end());
    for (const auto &[name, value] : config.arguments)
      if (llvm::none_of(given, [&name = name](const NamedText &word) {
            return word.name == name;
          }))
        words.push_back({name, value.str()});
    Diagnostics ignored;
    auto again = program.bind(words, BindMode::Run, ignored);
    if (again && configOf(*again, program) == best->config)
      return words;
  }
  return std::nullopt;
}

} // namespace tegula::frontend
