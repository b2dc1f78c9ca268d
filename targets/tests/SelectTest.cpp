#include "targets/Select.h"
#include <doctest/doctest.h>

using namespace tegula::targets;

static Candidate make(const char *name, Place place,
                      Support available = Support::yes(),
                      Support compiles = Support::yes()) {
  return {name, place, available, compiles};
}

static std::string choose(llvm::ArrayRef<Candidate> candidates,
                          SelectionRequest request) {
  request.kernel = "k";
  llvm::Expected<Selection> selection = select(candidates, request);
  if (!selection) {
    llvm::Error error = selection.takeError();
    bool unavailable = error.isA<TargetUnavailable>();
    return (unavailable ? "unavailable: " : "error: ") +
           llvm::toString(std::move(error));
  }
  std::string text = candidates[selection->index].name;
  return selection->fallback.empty() ? text
                                     : text + " | " + selection->fallback;
}

static const Support missing = Support::no("libcuda.so.1 was not found");
static const Support noOp = Support::no("tile.histogram has no lowering");

TEST_CASE(
    "without a name a device wins over the processor, wherever it stands") {
  auto cpu = make("cpu", Place::Processor), gpu = make("nvidia", Place::Device);
  CHECK(choose({cpu, gpu}, {}) == "nvidia");
  CHECK(choose({gpu, cpu}, {}) == "nvidia");
  CHECK(choose({cpu, make("nvidia", Place::Device, missing)}, {}) == "cpu");
}

TEST_CASE("emulated targets are used only when named") {
  auto cpu = make("cpu", Place::Processor),
       interp = make("interp", Place::Emulation);
  CHECK(choose({interp, cpu}, {}) == "cpu");
  CHECK(choose({interp, cpu}, {.named = "interp"}) == "interp");
  CHECK(choose({interp}, {}) ==
        "error: this build has no target that runs kernels");
}

TEST_CASE("a named target never falls back") {
  auto cpu = make("cpu", Place::Processor);
  CHECK(choose({cpu, make("nvidia", Place::Device, missing)},
               {.named = "nvidia"}) ==
        "unavailable: target 'nvidia' isn't available here: libcuda.so.1 was "
        "not found");
  CHECK(choose({cpu, make("nvidia", Place::Device, {}, noOp)},
               {.named = "nvidia"}) ==
        "error: kernel k: target 'nvidia' can't compile it: tile.histogram has "
        "no lowering");
  CHECK(choose({cpu}, {.named = "gpu"}) ==
        "error: unknown target 'gpu'; known: cpu");
}

TEST_CASE("a kernel that a device can't compile falls back with one line") {
  auto cpu = make("cpu", Place::Processor);
  auto gpu = make("nvidia", Place::Device, {}, noOp);
  CHECK(choose({cpu, gpu}, {}) ==
        "cpu | kernel k: nvidia can't compile it (tile.histogram has no "
        "lowering); using cpu");
  CHECK(choose({cpu, gpu}, {.strict = true}) ==
        "error: kernel k: target 'nvidia' can't compile it: tile.histogram has "
        "no lowering");
  // An absent device is no fallback: strict mode has nothing to refuse.
  CHECK(choose({cpu, make("nvidia", Place::Device, missing)},
               {.strict = true}) == "cpu");
  CHECK(choose({make("cpu", Place::Processor, {}, noOp)}, {}) ==
        "error: kernel k: no target can compile it: cpu can't compile it "
        "(tile.histogram has no lowering)");
}

TEST_CASE("compiling only needs no device") {
  auto cpu = make("cpu", Place::Processor);
  auto gpu = make("nvidia", Place::Device, missing);
  CHECK(choose({gpu, cpu}, {.named = "nvidia", .mustRun = false}) == "nvidia");
  CHECK(choose({gpu, cpu}, {.mustRun = false}) == "cpu");
}

TEST_CASE("spellings") {
  auto spelling = TargetSpelling::parse("cpu:x86-64-v3:+fma,-avx2");
  CHECK(spelling.name == "cpu");
  CHECK(spelling.arch == "x86-64-v3");
  CHECK(spelling.features == "+fma,-avx2");
  CHECK(spelling.str() == "cpu:x86-64-v3:+fma,-avx2");
  CHECK(TargetSpelling::parse("cpu").str() == "cpu");
  CHECK(TargetSpelling::parse("cpu::+fma").str() == "cpu::+fma");
}
