//===- Features.cpp - What this processor can -----------------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lists hold what LLVM may use for a kernel's code, not all that a
// processor has: nothing of cryptography, transactions or control registers.
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Features.h"

#include <algorithm>
#include <cstdint>

#if defined(__aarch64__)
#include <sys/auxv.h>
#include <sys/prctl.h>
#elif defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__riscv)
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace tegula::runtime;

// LLVM's name, and the one that GCC's and clang's __builtin_cpu_supports knows.
#define TEGULA_X86_FEATURES(X)                                                 \
  X("sse3", "sse3")                                                            \
  X("ssse3", "ssse3")                                                          \
  X("sse4.1", "sse4.1")                                                        \
  X("sse4.2", "sse4.2")                                                        \
  X("popcnt", "popcnt")                                                        \
  X("avx", "avx")                                                              \
  X("avx2", "avx2")                                                            \
  X("fma", "fma")                                                              \
  X("f16c", "f16c")                                                            \
  X("bmi", "bmi")                                                              \
  X("bmi2", "bmi2")                                                            \
  X("lzcnt", "lzcnt")                                                          \
  X("movbe", "movbe")                                                          \
  X("gfni", "gfni")                                                            \
  X("avx512f", "avx512f")                                                      \
  X("avx512bw", "avx512bw")                                                    \
  X("avx512cd", "avx512cd")                                                    \
  X("avx512dq", "avx512dq")                                                    \
  X("avx512vl", "avx512vl")                                                    \
  X("avx512ifma", "avx512ifma")                                                \
  X("avx512vbmi", "avx512vbmi")                                                \
  X("avx512vbmi2", "avx512vbmi2")                                              \
  X("avx512vnni", "avx512vnni")                                                \
  X("avx512bitalg", "avx512bitalg")                                            \
  X("avx512vpopcntdq", "avx512vpopcntdq")                                      \
  X("avx512bf16", "avx512bf16")                                                \
  X("avx512fp16", "avx512fp16")                                                \
  X("avxvnni", "avxvnni")                                                      \
  X("amx-tile", "amx-tile")                                                    \
  X("amx-bf16", "amx-bf16")                                                    \
  X("amx-int8", "amx-int8")                                                    \
  X("amx-fp16", "amx-fp16")

// LLVM's name, the word of the auxiliary vector (AT_HWCAP and AT_HWCAP2) and
// the bit in it: Linux, arch/arm64/include/uapi/asm/hwcap.h.
#define TEGULA_AARCH64_FEATURES(X)                                             \
  X("crc", 1, 7)                                                               \
  X("lse", 1, 8)                                                               \
  X("fullfp16", 1, 10)                                                         \
  X("rdm", 1, 12)                                                              \
  X("jsconv", 1, 13)                                                           \
  X("complxnum", 1, 14)                                                        \
  X("rcpc", 1, 15)                                                             \
  X("dotprod", 1, 20)                                                          \
  X("sve", 1, 22)                                                              \
  X("fp16fml", 1, 23)                                                          \
  X("rcpc-immo", 1, 26)                                                        \
  X("flagm", 1, 27)                                                            \
  X("sve2", 2, 1)                                                              \
  X("sve-bitperm", 2, 4)                                                       \
  X("altnzcv", 2, 7)                                                           \
  X("fptoint", 2, 8)                                                           \
  X("i8mm", 2, 13)                                                             \
  X("bf16", 2, 14)                                                             \
  X("sve2p1", 2, 36)                                                           \
  X("mops", 2, 43)                                                             \
  X("cssc", 2, 34)

// LLVM's name and the bit of riscv_hwprobe's RISCV_HWPROBE_KEY_IMA_EXT_0
// (Linux, Documentation/arch/riscv/hwprobe.rst).
#define TEGULA_RISCV_FEATURES(X)                                               \
  X("zba", 3)                                                                  \
  X("zbb", 4)                                                                  \
  X("zbs", 5)                                                                  \
  X("zicboz", 6)                                                               \
  X("zbc", 7)                                                                  \
  X("zvbb", 17)                                                                \
  X("zvbc", 18)                                                                \
  X("zfh", 27)                                                                 \
  X("zfhmin", 28)                                                              \
  X("zvfh", 30)                                                                \
  X("zvfhmin", 31)                                                             \
  X("zfa", 32)                                                                 \
  X("ztso", 33)                                                                \
  X("zacas", 34)                                                               \
  X("zicond", 35)

static constexpr const char *x86Names[] = {
#define TEGULA_NAME(LLVM, ...) LLVM,
    TEGULA_X86_FEATURES(TEGULA_NAME)};
static constexpr const char *aarch64Names[] = {
    TEGULA_AARCH64_FEATURES(TEGULA_NAME)};
static constexpr const char *riscvNames[] = {
    "m", "a", "f", "d", "c", "v", TEGULA_RISCV_FEATURES(TEGULA_NAME)};
#undef TEGULA_NAME

std::span<const char *const>
tegula::runtime::codeFeatures(const std::string &architecture) {
  if (architecture == "x86_64")
    return x86Names;
  if (architecture == "aarch64")
    return aarch64Names;
  if (architecture == "riscv64")
    return riscvNames;
  return {};
}

//===----------------------------------------------------------------------===//
// This processor
//===----------------------------------------------------------------------===//

#if defined(__x86_64__)

static constexpr const char *hostArchitecture = "x86_64";

/// Asks Linux for the registers of AMX, which a process has to do before it
/// uses them (arch/x86/include/uapi/asm/prctl.h); all its threads have them
/// then.
static bool requestTiles() {
  constexpr int requestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
  constexpr int tileData = 18;              // XFEATURE_XTILEDATA
  return ::syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

bool tegula::runtime::hasFeature(const std::string &name) {
  __builtin_cpu_init();
  if (name.starts_with("amx-") && !requestTiles())
    return false;
#define TEGULA_CHECK(LLVM, BUILTIN)                                            \
  if (name == LLVM)                                                            \
    return __builtin_cpu_supports(BUILTIN);
  TEGULA_X86_FEATURES(TEGULA_CHECK)
#undef TEGULA_CHECK
  return false;
}

static unsigned vectorBits() { return 0; }

#elif defined(__aarch64__)

static constexpr const char *hostArchitecture = "aarch64";

bool tegula::runtime::hasFeature(const std::string &name) {
  const uint64_t words[] = {0, ::getauxval(AT_HWCAP), ::getauxval(AT_HWCAP2)};
#define TEGULA_CHECK(LLVM, WORD, BIT)                                          \
  if (name == LLVM)                                                            \
    return words[WORD] >> BIT & 1;
  TEGULA_AARCH64_FEATURES(TEGULA_CHECK)
#undef TEGULA_CHECK
  return false;
}

static unsigned vectorBits() {
  constexpr int getVectorLength = 51; // PR_SVE_GET_VL
  int answer = ::prctl(getVectorLength, 0, 0, 0, 0);
  return answer < 0 ? 0 : unsigned(answer & 0xFFFF) * 8;
}

#elif defined(__riscv)

static constexpr const char *hostArchitecture = "riscv64";

bool tegula::runtime::hasFeature(const std::string &name) {
  if (name.size() == 1)
    return ::getauxval(AT_HWCAP) >> (name[0] - 'a') & 1;
  struct {
    int64_t key;
    uint64_t value;
  } extensions = {4, 0};
  constexpr long hwprobe = 258;
  if (::syscall(hwprobe, &extensions, 1, 0, nullptr, 0) != 0)
    return false;
#define TEGULA_CHECK(LLVM, BIT)                                                \
  if (name == LLVM)                                                            \
    return extensions.value >> BIT & 1;
  TEGULA_RISCV_FEATURES(TEGULA_CHECK)
#undef TEGULA_CHECK
  return false;
}

static unsigned vectorBits() {
  if (!hasFeature("v"))
    return 0;
  uint64_t bytes;
  // vlenb, by its number: the assembler may not be told of vectors.
  asm volatile("csrr %0, 0xc22" : "=r"(bytes));
  return unsigned(bytes * 8);
}

#else

static constexpr const char *hostArchitecture = "";
bool tegula::runtime::hasFeature(const std::string &) { return false; }
static unsigned vectorBits() { return 0; }

#endif

std::string tegula::runtime::findMissing(const Requirements &requirements) {
  if (requirements.architecture != hostArchitecture)
    return "this processor isn't " + requirements.architecture;
  for (const std::string &feature : requirements.features)
    if (!hasFeature(feature))
      return "this processor lacks " + feature;
  if (requirements.vectorBits && requirements.vectorBits != vectorBits())
    return "this processor's vectors have " + std::to_string(vectorBits()) +
           " bits, not " + std::to_string(requirements.vectorBits);
  return "";
}
