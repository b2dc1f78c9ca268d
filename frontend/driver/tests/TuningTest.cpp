#include "frontend/driver/Tuning.h"
#include <doctest/doctest.h>

using namespace tegula::frontend;

namespace {

TuningRecord makeRecord() {
  auto record =
      TuningRecord::fromJson(llvm::json::Object{{"key", "0123456789abcdef"},
                                                {"kernel", "add"},
                                                {"target", "cpu:znver4"},
                                                {"rows", llvm::json::Array{}}});
  REQUIRE(bool(record));
  return std::move(*record);
}

} // namespace

TEST_CASE("the chosen row of a shape is the best one, not the fastest") {
  TuningRecord record = makeRecord();
  record.add({"n=100", "BLOCK=16", "", 0, 2e-3});
  CHECK(!record.best("n=100", std::nullopt));
  record.add({"n=100", "BLOCK=64", "prefetch=0", 1, 1e-3, /*chosen=*/true});
  record.add({"n=100", "BLOCK=64", "prefetch=1", 1, 1e-4});
  record.add({"n=999", "BLOCK=32", "", 0, 1e-6, /*chosen=*/true});
  for (std::optional<llvm::StringRef> config :
       {std::optional<llvm::StringRef>(), {"BLOCK=64"}}) {
    const TuningRow *best = record.best("n=100", config);
    REQUIRE(best);
    CHECK(best->config == "BLOCK=64");
    CHECK(best->knobs == "prefetch=0");
    CHECK(best->threads == 1);
  }
  CHECK(!record.best("n=100", "BLOCK=16"));
  CHECK(!record.best("n=5", std::nullopt));
}

TEST_CASE("a later choice takes the place of the first") {
  TuningRecord record = makeRecord();
  record.add({"n=100", "BLOCK=16", "", 0, 1e-3, /*chosen=*/true});
  record.add({"n=999", "BLOCK=16", "", 0, 1e-3, /*chosen=*/true});
  record.add({"n=100", "BLOCK=64", "", 0, 2e-3, /*chosen=*/true});
  CHECK(record.best("n=100", std::nullopt)->config == "BLOCK=64");
  CHECK(record.best("n=999", std::nullopt)->config == "BLOCK=16");
}

TEST_CASE("a second timing of a point replaces the first") {
  TuningRecord record = makeRecord();
  record.add({"n=100", "BLOCK=16", "", 0, 2e-3});
  record.add({"n=100", "BLOCK=16", "", 0, 5e-3});
  CHECK(record.rows().size() == 1);
  CHECK(record.rows()[0].seconds == 5e-3);
  record.forget("n=100");
  CHECK(record.rows().empty());
}

TEST_CASE("a record survives its file") {
  TuningRecord record = makeRecord();
  record.add({"x=*f32 n=100", "BLOCK=16", "dot-rows=12", 2, 2e-3,
              /*chosen=*/true});
  auto again = TuningRecord::fromJson(record.toJson());
  REQUIRE(bool(again));
  CHECK(again->kernelName() == "add");
  CHECK(again->targetName() == "cpu:znver4");
  const TuningRow *row = again->best("x=*f32 n=100", "BLOCK=16");
  REQUIRE(row);
  CHECK(row->knobs == "dot-rows=12");
  CHECK(row->threads == 2);
  auto wrong = TuningRecord::fromJson(llvm::json::Array{});
  CHECK(!wrong);
  llvm::consumeError(wrong.takeError());
}
