#include "frontend/driver/Program.h"
#include "frontend/driver/Compile.h"
#include "frontend/driver/Context.h"
#include "llvm/Support/FileSystem.h"
#include <doctest/doctest.h>

using namespace tegula::frontend;
using Kind = ArgumentSpec::Kind;

static const char *const kModule = R"(
#loc = loc("k.py":1:1)
module {
  tt.func public @k(%x: !tt.ptr<bf16> {tt.divisibility = 16 : i32} loc("in_ptr"(#loc)),
                    %n: i32 {tt.divisibility = 16 : i32}, %arg2: f32) {
    tt.return
  }
}
)";

/// A .ttir file that lives as long as this.
struct TtirFile {
  explicit TtirFile(llvm::StringRef text) {
    int descriptor = 0;
    REQUIRE(!llvm::sys::fs::createTemporaryFile("kernel", "ttir", descriptor,
                                                path));
    llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << text;
  }
  ~TtirFile() { llvm::sys::fs::remove(path); }
  llvm::SmallString<128> path;
};

/// Binds and returns the messages; empty after a success.
static std::string bindWords(std::initializer_list<const char *> words,
                             BindMode mode, BoundArguments &result) {
  CompileContext context;
  TtirFile file(kModule);
  Diagnostics diagnostics;
  auto program = llvm::cantFail(Program::open(context, file.path, diagnostics));
  REQUIRE_MESSAGE(program.has_value(), diagnostics.str());
  CHECK(program->kernelName() == "k");
  CHECK(program->kernelInfo() == nullptr);
  std::vector<NamedText> given;
  for (const char *word : words)
    given.push_back(llvm::cantFail(NamedText::parse(word)));
  if (auto bound = program->bind(given, mode, diagnostics))
    result = std::move(*bound);
  return diagnostics.str();
}

TEST_CASE("TTIR's arguments have their types, and two names each") {
  BoundArguments bound;
  CHECK(bindWords({"arg2=0.5", "n=32", "in_ptr=zeros:bf16:8"}, BindMode::Run,
                  bound) == "");
  REQUIRE(bound.arguments.size() == 3);
  CHECK(bound.arguments[0].name == "in_ptr");
  CHECK(bound.arguments[0].spec.kind == Kind::Pointer);
  CHECK(bound.arguments[1].slot == 32);
  CHECK(bound.arguments[2].slot == 0x3f000000);
  CHECK(bindWords({"arg0=zeros:bf16:8", "arg1=16", "arg2=1"}, BindMode::Run,
                  bound) == "");
  CHECK(bound.arguments[0].name == "in_ptr");
  CHECK(bindWords({}, BindMode::Compile, bound) == "");
  CHECK(llvm::StringRef(bindWords({"n=i32"}, BindMode::Compile, bound))
            .contains("are fixed by this text"));
}

TEST_CASE("TTIR's arguments hold what they were compiled for") {
  BoundArguments bound;
  auto problem = [&](std::initializer_list<const char *> words) {
    return bindWords(words, BindMode::Run, bound);
  };
  auto contains = [](const std::string &text, llvm::StringRef part) {
    return llvm::StringRef(text).contains(part);
  };
  CHECK(contains(problem({"in_ptr=zeros:bf16:8", "n=8", "arg2=1"}),
                 "compiled for multiples of 16"));
  CHECK(contains(problem({"in_ptr=zeros:f32:8", "n=16", "arg2=1"}),
                 "the kernel wants bf16"));
  CHECK(
      contains(problem({"in_ptr=1", "n=16", "arg2=1"}), "an array is wanted"));
  CHECK(contains(problem({"in_ptr=zeros:bf16:8", "n=0.5", "arg2=1"}), "n=0.5"));
  CHECK(contains(problem({"in_ptr=zeros:bf16:8", "n=16"}),
                 "no value for the argument 'arg2'"));
  CHECK(contains(problem({"x=zeros:bf16:8", "n=16", "arg2=1"}),
                 "no argument 'x'"));
  CHECK(contains(problem({"n=16", "arg1=16", "in_ptr=zeros:bf16:8", "arg2=1"}),
                 "'n' is given twice"));
}

TEST_CASE("a source in memory, and the stages on its road") {
  CompileContext context;
  Diagnostics diagnostics;
  auto file = SourceFile::fromText("memory.ttir", kModule);
  CHECK(!Program::read(context, file, Program::Form::TTIR, "absent",
                       diagnostics));
  CHECK(llvm::StringRef(diagnostics.str()).contains("'absent'"));
  auto program =
      Program::read(context, file, Program::Form::TTIR, "", diagnostics);
  REQUIRE(program);
  CompileRequest request;
  request.target = "cpu:x86-64-v2";
  request.mustRun = false;
  std::vector<std::string> seen;
  request.observer.stages = {"loops", "tile", "llvm"};
  request.observer.see = [&](llvm::StringRef stage, llvm::StringRef text) {
    seen.push_back(stage.str());
    CHECK(text.contains("k"));
  };
  auto kernel = compile(context, *program, request, diagnostics);
  REQUIRE_MESSAGE(bool(kernel), llvm::toString(kernel.takeError()));
  CHECK(seen == std::vector<std::string>{"tile", "loops", "llvm"});
  CHECK(!kernel->cached);
}
