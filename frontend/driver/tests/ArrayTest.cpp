#include "frontend/driver/Array.h"
#include "llvm/Support/FileSystem.h"
#include <cstring>
#include <doctest/doctest.h>
#include <fstream>

using namespace tegula::frontend;

/// Either the error's text or "".
static std::string problemOf(const char *text) {
  auto spec = ArraySpec::parse(text);
  return spec ? "" : llvm::toString(spec.takeError());
}

static Array make(const char *text) {
  auto spec = llvm::cantFail(ArraySpec::parse(text));
  REQUIRE(spec.has_value());
  return llvm::cantFail(spec->make());
}

static std::string temporaryFile() {
  llvm::SmallString<128> path;
  REQUIRE(!llvm::sys::fs::createTemporaryFile("tegula-array", "npy", path));
  return path.str().str();
}

TEST_CASE("forms of arrays") {
  Array zeros = make("zeros:f16:3x5");
  CHECK(zeros.shape() == std::vector<int64_t>{3, 5});
  CHECK(zeros.bytes() == 30);
  CHECK(zeros.at(7) == 0);
  Array empty = make("empty:i16:4");
  CHECK(empty.at(3) == -1);
  Array integers = make("randint:i8:1000:-3:4");
  for (int64_t i = 0; i < integers.size(); ++i) {
    CHECK(integers.at(i) >= -3);
    CHECK(integers.at(i) < 4);
  }
  CHECK(make("rand:f32:8:1").at(0) != make("rand:f32:8:2").at(0));
  CHECK(make("rand:f32:8").at(0) == make("rand:f32:8:0").at(0));
  CHECK(make("zeros:f32:0").size() == 0);
}

TEST_CASE("what isn't an array") {
  for (const char *text : {"5", "fast", "zeros", "i64:5", "a@b"})
    CHECK(!llvm::cantFail(ArraySpec::parse(text)).has_value());
}

TEST_CASE("wrong arrays") {
  CHECK(problemOf("zeros:f33:8").find("unknown dtype 'f33'") !=
        std::string::npos);
  CHECK(problemOf("zeros:f32").find("arrays are zeros:") != std::string::npos);
  CHECK(problemOf("zeros:f32:8xa").find("isn't a shape") != std::string::npos);
  CHECK(problemOf("rand:i32:8").find("use randint:i32") != std::string::npos);
  CHECK(problemOf("randint:i32:8:4:4").find("LOW < HIGH") != std::string::npos);
  CHECK(problemOf("zeros:f32:8:x").find("the seed 'x'") != std::string::npos);
  auto huge =
      llvm::cantFail(ArraySpec::parse("zeros:f64:9000000000x9000000000"));
  auto made = huge->make();
  CHECK(!made);
  CHECK(llvm::toString(made.takeError()).find("2^63") != std::string::npos);
}

TEST_CASE("a file comes back as it was saved") {
  std::string path = temporaryFile();
  for (const char *text :
       {"randn:f32:3x4", "randn:f64:7", "randint:u16:2x3x4:0:60000",
        "randint:i1:9:0:2", "randn:f16:1x1", "zeros:i64:0"}) {
    Array saved = make(text);
    llvm::cantFail(writeNpy(path, saved));
    Array loaded = make(("@" + path).c_str());
    CHECK(loaded.element() == saved.element());
    CHECK(loaded.shape() == saved.shape());
    CHECK(std::memcmp(loaded.data(), saved.data(), saved.bytes()) == 0);
  }
  // bf16 is saved as its bits and named on the way in.
  Array narrow = make("randn:bf16:6");
  llvm::cantFail(writeNpy(path, narrow));
  CHECK(make(("@" + path).c_str()).element() == DType::UInt16);
  Array back = make(("bf16@" + path).c_str());
  CHECK(back.element() == DType::BFloat16);
  CHECK(back.at(5) == narrow.at(5));
  CHECK(problemOf(("f32@" + path).c_str()).find("needs elements of 4 bytes") !=
        std::string::npos);
  llvm::sys::fs::remove(path);
}

TEST_CASE("damaged files are errors") {
  std::string path = temporaryFile();
  auto write = [&](const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };
  auto problem = [&] {
    auto file = llvm::cantFail(openNpy(path));
    auto array = readNpy(path, file->getBuffer());
    return array ? std::string() : llvm::toString(array.takeError());
  };
  write("");
  CHECK(problem().find("not a .npy file") != std::string::npos);
  write(std::string("\x93NUMPY\x01\x00\xff\xff{'descr'", 18));
  CHECK(problem().find("ends inside its header") != std::string::npos);
  llvm::cantFail(writeNpy(path, make("zeros:f32:100")));
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(200, '\0');
  stream.read(bytes.data(), 200);
  stream.close();
  write(bytes);
  CHECK(problem().find("cut short") != std::string::npos);
  llvm::sys::fs::remove(path);
}

TEST_CASE("a saved file is replaced whole, a device is written to") {
  std::string path = temporaryFile(), link = path + ".link";
  llvm::cantFail(writeNpy(path, make("zeros:f32:4")));
  REQUIRE(!llvm::sys::fs::create_link(path, link));
  llvm::cantFail(writeNpy(link, make("rand:f32:9")));
  CHECK(make(("@" + path).c_str()).size() == 9);
  llvm::sys::fs::remove(link);
  llvm::sys::fs::remove(path);
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status("/dev/full", status))
    return;
  llvm::Error full = writeNpy("/dev/full", make("zeros:f32:4"));
  CHECK(llvm::toString(std::move(full)) ==
        "/dev/full: No space left on device");
  llvm::sys::fs::status("/dev/full", status);
  CHECK(status.type() == llvm::sys::fs::file_type::character_file);
}

TEST_CASE("numbers are rounded to nearest even") {
  uint64_t bits = 0;
  storeNumber(DType::BFloat16, 1.00390625, &bits); // halfway, to even
  CHECK((bits & 0xFFFF) == 0x3F80);
  storeNumber(DType::Float16, 65520.0, &bits);
  CHECK((bits & 0xFFFF) == 0x7C00);
  storeNumber(DType::Int8, -1, &bits);
  CHECK((bits & 0xFF) == 0xFF);
  storeNumber(DType::Float8E5M2, 1.0, &bits);
  CHECK((bits & 0xFF) == 0x3C);
}
