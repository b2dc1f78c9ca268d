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

TEST_CASE("the fastest row of a shape is the best one") {
  TuningRecord record = makeRecord();
  record.add({"n=100", "BLOCK=16", "", 0, 2e-3});
  record.add({"n=100", "BLOCK=64", "prefetch=0", 1, 1e-3});
  record.add({"n=999", "BLOCK=64", "", 0, 1e-6});
  const TuningRow *best = record.best("n=100", std::nullopt);
  REQUIRE(best);
  CHECK(best->config == "BLOCK=64");
  CHECK(best->knobs == "prefetch=0");
  CHECK(best->threads == 1);
  best = record.best("n=100", "BLOCK=16");
  REQUIRE(best);
  CHECK(best->seconds == 2e-3);
  CHECK(!record.best("n=100", "BLOCK=32"));
  CHECK(!record.best("n=5", std::nullopt));
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
  record.add({"x=*f32 n=100", "BLOCK=16", "dot-rows=12", 2, 2e-3});
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
