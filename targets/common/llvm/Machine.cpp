//===- Machine.cpp - From the name of a processor to LLVM -----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Machine.h"

#include "runtime/cpu/Features.h"
#include "targets/common/llvm/Knobs.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/RISCVISAInfo.h"

using namespace tegula::targets;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// LLVM's back ends
//===----------------------------------------------------------------------===//

template <typename... Args>
static llvm::Error makeError(const char *format, const Args &...args) {
  return llvm::createStringError(std::errc::invalid_argument, format, args...);
}

/// Initialises the back end of `triple` and no other: each costs time.
static llvm::Expected<const llvm::Target *>
initializeBackend(const llvm::Triple &triple) {
#define TEGULA_INITIALIZE(BACKEND)                                             \
  do {                                                                         \
    LLVMInitialize##BACKEND##TargetInfo();                                     \
    LLVMInitialize##BACKEND##Target();                                         \
    LLVMInitialize##BACKEND##TargetMC();                                       \
    LLVMInitialize##BACKEND##AsmPrinter();                                     \
  } while (false)
  if (triple.isX86())
    TEGULA_INITIALIZE(X86);
  else if (triple.isAArch64())
    TEGULA_INITIALIZE(AArch64);
  else if (triple.isRISCV())
    TEGULA_INITIALIZE(RISCV);
  else if (triple.isSPIRV())
    TEGULA_INITIALIZE(SPIRV);
  else if (triple.isNVPTX())
    TEGULA_INITIALIZE(NVPTX);
  else if (triple.isAMDGCN())
    TEGULA_INITIALIZE(AMDGPU);
  else if (triple.getArch() == llvm::Triple::hexagon)
    TEGULA_INITIALIZE(Hexagon);
#undef TEGULA_INITIALIZE
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return makeError("%s", message.c_str());
  return target;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
tegula::targets::createTargetMachine(const TargetDesc &desc) {
  llvm::Triple triple(desc.triple);
  auto target = initializeBackend(triple);
  if (!target)
    return target.takeError();
  llvm::TargetOptions options;
  // Only operations that carry the `contract` flag may be fused.
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  options.UniqueSectionNames = false;
  auto reloc =
      triple.isSPIRV() ? std::nullopt : std::optional(llvm::Reloc::PIC_);
  std::unique_ptr<llvm::TargetMachine> machine((*target)->createTargetMachine(
      triple, desc.cpu, desc.features, options, reloc,
      /*CM=*/std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return makeError("LLVM has no code generator for '%s'",
                     desc.triple.c_str());
  return machine;
}

static llvm::Expected<std::unique_ptr<llvm::MCSubtargetInfo>>
createSubtarget(const llvm::Triple &triple, StringRef cpu, StringRef features) {
  auto target = initializeBackend(triple);
  if (!target)
    return target.takeError();
  return std::unique_ptr<llvm::MCSubtargetInfo>(
      (*target)->createMCSubtargetInfo(triple, cpu, features));
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

static constexpr StringRef kX86Triple = "x86_64-unknown-linux-gnu";
static constexpr StringRef kAArch64Triple = "aarch64-unknown-linux-gnu";
static constexpr StringRef kRISCVTriple = "riscv64-unknown-linux-gnu";

/// The features of this processor that this process may use: the system gives
/// AMX's registers to those who ask.
static llvm::StringMap<bool> hostFeatures() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  for (auto &feature : features)
    if (feature.getKey().starts_with("amx-") && feature.getValue())
      feature.second = tegula::runtime::hasFeature(feature.getKey().str());
  return features;
}

/// The features of this processor that its LLVM name does not imply: short
/// where the name tells all, complete where a hypervisor hides something.
static std::string
hostFeatureDifference(const llvm::MCSubtargetInfo &subtarget) {
  auto host = hostFeatures();
  llvm::SmallVector<std::string> differences;
  for (const llvm::SubtargetFeatureKV &feature :
       subtarget.getAllProcessorFeatures()) {
    auto known = host.find(feature.Key);
    if (known == host.end())
      continue;
    bool implied = subtarget.getFeatureBits().test(feature.Value);
    if (implied != known->second)
      differences.push_back((known->second ? "+" : "-") +
                            std::string(feature.Key));
  }
  llvm::sort(differences);
  return llvm::join(differences, ",");
}

static void addFeature(std::string &features, const llvm::Twine &feature) {
  if (!features.empty())
    features += ',';
  features += feature.str();
}

/// Fills in triple, cpu and features for a RISC-V ISA string such as rv64gcv.
static llvm::Error nameRISCV(StringRef arch, TargetDesc &desc) {
  auto isa = llvm::RISCVISAInfo::parseArchString(
      arch, /*EnableExperimentalExtension=*/false);
  if (!isa)
    return makeError("'%s' is not a RISC-V ISA string: %s", arch.str().c_str(),
                     llvm::toString(isa.takeError()).c_str());
  if ((*isa)->getXLen() != 64)
    return makeError("'%s': only 64-bit RISC-V is supported",
                     arch.str().c_str());
  desc.triple = kRISCVTriple.str();
  desc.cpu = "generic-rv64";
  desc.features = llvm::join((*isa)->toFeatures(), ",");
  return llvm::Error::success();
}

static llvm::Error unknownProcessor(StringRef arch) {
  llvm::SmallVector<std::pair<unsigned, std::string>> near;
  for (StringRef triple : {kX86Triple, kAArch64Triple, kRISCVTriple}) {
    auto subtarget = createSubtarget(llvm::Triple(triple), "", "");
    if (!subtarget)
      return subtarget.takeError();
    for (const llvm::SubtargetSubTypeKV &cpu :
         (*subtarget)->getAllProcessorDescriptions()) {
      StringRef name = cpu.Key;
      // A name that begins alike is near, however long it is.
      unsigned distance = name.starts_with(arch.take_front(4))
                              ? 1
                              : arch.edit_distance(name, true, 4);
      if (distance <= std::max<size_t>(1, arch.size() / 3))
        near.emplace_back(distance, name.str());
    }
  }
  llvm::sort(near);
  std::string names;
  for (auto &[distance, name] : llvm::ArrayRef(near).take_front(6))
    names += (names.empty() ? "" : ", ") + name;
  return makeError("unknown processor '%s'; %s", arch.str().c_str(),
                   names.empty() ? "known are 'native' and LLVM's names for "
                                   "x86-64, AArch64 and RISC-V processors, "
                                   "e.g. x86-64-v3, neoverse-v2, rv64gcv"
                                 : ("did you mean: " + names + "?").c_str());
}

static bool isNative(StringRef arch) {
  return arch.empty() || arch == "native";
}

/// Fills in triple, cpu and features for `arch`.
static llvm::Error nameProcessor(StringRef arch, TargetDesc &desc) {
  if (isNative(arch)) {
    llvm::Triple triple(llvm::sys::getProcessTriple());
    desc.triple = triple.isX86() ? kX86Triple.str() : triple.str();
    desc.cpu = llvm::sys::getHostCPUName().str();
    auto subtarget = createSubtarget(llvm::Triple(desc.triple), desc.cpu, "");
    if (!subtarget)
      return subtarget.takeError();
    desc.features = hostFeatureDifference(**subtarget);
    return llvm::Error::success();
  }
  if (arch.starts_with("rv64") || arch.starts_with("rv32"))
    return nameRISCV(arch, desc);
  if (arch == "aarch64") {
    desc.triple = kAArch64Triple.str();
    desc.cpu = "generic";
    return llvm::Error::success();
  }
  for (StringRef triple : {kX86Triple, kAArch64Triple, kRISCVTriple}) {
    auto subtarget = createSubtarget(llvm::Triple(triple), "", "");
    if (!subtarget)
      return subtarget.takeError();
    if (arch == "generic" || !(*subtarget)->isCPUStringValid(arch))
      continue;
    if (triple == kX86Triple &&
        !llvm::cantFail(createSubtarget(llvm::Triple(triple), arch, ""))
             ->checkFeatures("+64bit"))
      return makeError("'%s' is a 32-bit processor; Tegula needs a 64-bit one",
                       arch.str().c_str());
    desc.triple = triple.str();
    desc.cpu = arch.str();
    return llvm::Error::success();
  }
  return unknownProcessor(arch);
}

/// Adds the user's features; "vlN" is ours and sets `vectorLength`, and so are
/// the knobs, `name=value`.
static llvm::Error addFeatures(StringRef features, TargetDesc &desc,
                               unsigned &vectorLength,
                               llvm::SmallVectorImpl<StringRef> &knobs) {
  if (features.empty())
    return llvm::Error::success();
  auto subtarget = createSubtarget(llvm::Triple(desc.triple), desc.cpu, "");
  if (!subtarget)
    return subtarget.takeError();
  llvm::SmallVector<StringRef> parts;
  features.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    part = part.trim();
    if (part.contains('=')) {
      knobs.push_back(part);
      continue;
    }
    char sign = part.starts_with("-") ? '-' : '+';
    StringRef name = part.ltrim("+-");
    if (name.starts_with("vl") &&
        !name.drop_front(2).getAsInteger(10, vectorLength)) {
      if (vectorLength < 128 || vectorLength > 2048 ||
          !llvm::isPowerOf2_32(vectorLength))
        return makeError("vector length of %u bits: must be a power of two "
                         "from 128 to 2048",
                         vectorLength);
      continue;
    }
    bool known = llvm::any_of((*subtarget)->getAllProcessorFeatures(),
                              [&](auto &f) { return name == f.Key; });
    if (!known)
      return makeError("processor '%s' has no feature '%s'", desc.cpu.c_str(),
                       name.str().c_str());
    addFeature(desc.features, llvm::Twine(sign) + name);
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static void measureX86(const llvm::MCSubtargetInfo &cpu, TargetDesc &desc) {
  bool avx512 = cpu.checkFeatures("+avx512f,+avx512bw,+avx512dq,+avx512vl");
  bool avx2 = cpu.checkFeatures("+avx2");
  desc.vectorBits = avx512 ? 512 : avx2 ? 256 : 128;
  desc.numVectorRegisters = avx512 ? 32 : 16;
  desc.maskedBits = avx512 ? 8 : avx2 ? 32 : 0;
  desc.hasFma = cpu.checkFeatures("+fma") || avx512;
  desc.hasFastLdexp = avx512;
  // Intel's cores since Golden Cove, which all have FP16, make a vdpbf16ps
  // every other cycle: half of what multiply-adds in f32 do (measured: 90
  // against 180 GFLOP/s). AMD's make one a cycle.
  if (avx512 && cpu.checkFeatures("+avx512bf16") &&
      !cpu.checkFeatures("+avx512fp16"))
    desc.bf16Dot = {"llvm.x86.avx512bf16.dpbf16ps.512", 16, 2};
  if (avx512 && cpu.checkFeatures("+avx512vnni"))
    desc.i8Dot = {"llvm.x86.avx512.vpdpbusd.512", 8, 4, true, true};
  else if (!avx512 && avx2 && cpu.checkFeatures("+avxvnni"))
    desc.i8Dot = {"llvm.x86.avx512.vpdpbusd.256", 8, 4, true, true};
  else // Pairs of i16: exact, where pairs of bytes would saturate.
    desc.i8Dot = {avx512 ? "llvm.x86.avx512.pmaddw.d.512"
                  : avx2 ? "llvm.x86.avx2.pmadd.wd"
                         : "llvm.x86.sse2.pmadd.wd",
                  16, 2, false};
  if (avx512 && cpu.checkFeatures("+amx-tile,+amx-bf16"))
    desc.bf16TileDot = {
        "llvm.x86.tdpbf16ps.internal", 16, 2, true, false, 16, true};
  desc.splitsFloats = bool(desc.bf16TileDot);
  if (avx512 && cpu.checkFeatures("+amx-tile,+amx-fp16"))
    desc.f16TileDot = {
        "llvm.x86.tdpfp16ps.internal", 16, 2, true, false, 16, true};
  if (avx512 && cpu.checkFeatures("+amx-tile,+amx-int8"))
    desc.i8TileDot = {"llvm.x86.tdpbssd.internal", 8, 4, true, false, 16, true};
  // vcvtneps2bf16 flushes denormals to zero: it is not an exact conversion.
  desc.hasBf16Convert = false;
  if (avx512 && cpu.checkFeatures("+avx512bf16")) {
    desc.bf16FlushingConvert = "llvm.x86.avx512bf16.cvtneps2bf16.512";
    desc.denormalTest = "llvm.x86.avx512.fpclass.ps.512";
  }
  desc.hasF16Convert = cpu.checkFeatures("+f16c") || avx512;
  desc.mathLibrary = MathLibrary::Sleef;
  desc.microTile = avx512 ? MicroTile{14, 2}
                   : avx2 ? MicroTile{6, 2}
                          : MicroTile{4, 2};
}

static void measureAArch64(const llvm::MCSubtargetInfo &cpu,
                           unsigned vectorLength, TargetDesc &desc) {
  bool sve = cpu.checkFeatures("+sve");
  // LLVM turns fixed-length vectors into SVE code above 128 bits only. At 128
  // bits NEON is the same width and what LLVM emits, with SVE's masked loads
  // and stores of so many lanes: that code runs with registers of any length.
  desc.vectorBits = sve && vectorLength > 128 ? vectorLength : 128;
  desc.vscale = sve && vectorLength ? desc.vectorBits / 128 : 0;
  desc.numVectorRegisters = 32;
  desc.maskedBits = sve ? 8 : 0;
  desc.hasIntegerDivide = sve;
  desc.hasFma = true;
  // LLVM can't select it for fixed-length vectors of SVE.
  desc.hasBf16Convert = desc.vectorBits == 128 && cpu.checkFeatures("+bf16");
  desc.hasF16Convert = true;
  if (desc.vectorBits == 128 && cpu.checkFeatures("+bf16"))
    desc.bf16Dot = {"llvm.aarch64.neon.bfdot.v4f32.v8bf16", 16, 2};
  if (desc.vectorBits == 128 && cpu.checkFeatures("+dotprod"))
    desc.i8Dot = {"llvm.aarch64.neon.sdot.v4i32.v16i8", 8, 4};
  if (desc.vectorBits == 128 && cpu.checkFeatures("+bf16"))
    desc.bf16TileDot = {"llvm.aarch64.neon.bfmmla", 16, 4, true, false, 2};
  if (desc.vectorBits == 128 && cpu.checkFeatures("+i8mm"))
    desc.i8TileDot = {
        "llvm.aarch64.neon.smmla.v4i32.v16i8", 8, 8, true, false, 2};
  desc.microTile = desc.vectorBits > 128 ? MicroTile{14, 2} : MicroTile{6, 4};
}

static void measureRISCV(const llvm::MCSubtargetInfo &cpu,
                         unsigned vectorLength, TargetDesc &desc) {
  desc.hasFma = true;
  desc.numVectorRegisters = 32;
  if (!cpu.checkFeatures("+v"))
    return;
  unsigned bits = std::max(vectorLength, 128u);
  while (bits < 2048 &&
         cpu.checkFeatures(("+zvl" + llvm::Twine(2 * bits) + "b").str()))
    bits *= 2;
  desc.vectorBits = bits;
  // An ISA string names the least length only: its code sets the lengths it
  // wants and runs on longer registers too.
  desc.vscale = vectorLength ? bits / 64 : 0;
  desc.maskedBits = 8;
  desc.hasIntegerDivide = true;
  desc.hasF16Convert = cpu.checkFeatures("+zvfhmin");
  desc.hasBf16Convert = cpu.checkFeatures("+zvfbfmin");
  desc.microTile = {14, 2};
  addFeature(desc.features, "+zvl" + llvm::Twine(bits) + "b");
}

/// SVE's vector length of the processors that have one length above 128 bits.
static unsigned knownVectorLength(StringRef cpu) {
  if (cpu == "a64fx")
    return 512;
  return cpu == "neoverse-v1" || cpu == "neoverse-512tvb" ? 256 : 0;
}

/// The data cache of a core.
static uint64_t knownL1Bytes(StringRef cpu) {
  return llvm::StringSwitch<uint64_t>(cpu)
      .Cases({"sapphirerapids", "emeraldrapids", "graniterapids"}, 48 << 10)
      .Cases({"icelake-server", "icelake-client", "alderlake"}, 48 << 10)
      .StartsWith("znver5", 48 << 10)
      .StartsWith("neoverse", 64 << 10)
      .StartsWith("cortex-a7", 64 << 10)
      .Case("a64fx", 64 << 10)
      .Default(32 << 10);
}

/// The second-level cache of a core.
static uint64_t knownL2Bytes(StringRef cpu) {
  return llvm::StringSwitch<uint64_t>(cpu)
      .Cases({"sapphirerapids", "emeraldrapids", "graniterapids"}, 2 << 20)
      .StartsWith("znver", 1 << 20)
      .StartsWith("neoverse", 1 << 20)
      .Cases({"skylake-avx512", "cascadelake", "cooperlake"}, 1 << 20)
      .Cases({"icelake-server", "x86-64-v4"}, 1 << 20)
      .Default(512 << 10);
}

/// This processor's name if that says all of it: a virtual machine may hide
/// features, and whoever reads the name must get the same machine by it.
static std::string spellHost(const TargetDesc &host) {
  TargetDesc named = host;
  named.features.clear();
  if (llvm::Error error = hostSupports(named)) {
    llvm::consumeError(std::move(error));
    return "native";
  }
  return host.cpu;
}

llvm::Expected<TargetDesc>
tegula::targets::describeProcessor(StringRef arch, StringRef features) {
  TargetDesc desc;
  if (llvm::Error error = nameProcessor(arch, desc))
    return error;
  desc.name = "cpu:" + (isNative(arch) ? spellHost(desc) : arch.str());
  if (!features.empty())
    desc.name += ":" + features.str();
  unsigned vectorLength = knownVectorLength(desc.cpu);
  llvm::SmallVector<StringRef> assignments;
  if (llvm::Error error =
          addFeatures(features, desc, vectorLength, assignments))
    return error;
  desc.hasPrefetch = true;
  llvm::Triple triple(desc.triple);
  auto subtarget = createSubtarget(triple, desc.cpu, desc.features);
  if (!subtarget)
    return subtarget.takeError();
  if (triple.isX86())
    measureX86(**subtarget, desc);
  else if (triple.isAArch64())
    measureAArch64(**subtarget, vectorLength, desc);
  else if (triple.isRISCV())
    measureRISCV(**subtarget, vectorLength, desc);
  desc.l1Bytes = knownL1Bytes(desc.cpu);
  desc.l2Bytes = knownL2Bytes(desc.cpu);
  desc.sharesPanels = true;
  for (StringRef assignment : assignments)
    if (llvm::Error error = setKnob(desc, assignment))
      return error;
  return desc;
}

std::vector<std::string>
tegula::targets::presentFeatures(const TargetDesc &desc,
                                 llvm::ArrayRef<const char *> names) {
  auto subtarget =
      createSubtarget(llvm::Triple(desc.triple), desc.cpu, desc.features);
  if (!subtarget) {
    llvm::consumeError(subtarget.takeError());
    return {};
  }
  std::vector<std::string> present;
  for (const llvm::SubtargetFeatureKV &feature :
       (*subtarget)->getAllProcessorFeatures())
    if (llvm::is_contained(names, StringRef(feature.Key)) &&
        (*subtarget)->getFeatureBits().test(feature.Value))
      present.push_back(feature.Key);
  return present;
}

//===----------------------------------------------------------------------===//
// This processor
//===----------------------------------------------------------------------===//

llvm::Error tegula::targets::hostSupports(const TargetDesc &desc) {
  llvm::Triple host(llvm::sys::getProcessTriple()), triple(desc.triple);
  if (host.getArch() != triple.getArch())
    return makeError("code for %s doesn't run on this %s processor",
                     llvm::Triple::getArchTypeName(triple.getArch()).data(),
                     llvm::Triple::getArchTypeName(host.getArch()).data());
  auto wanted = createSubtarget(triple, desc.cpu, desc.features);
  if (!wanted)
    return wanted.takeError();
  auto present = hostFeatures();
  for (const llvm::SubtargetFeatureKV &feature :
       (*wanted)->getAllProcessorFeatures()) {
    // What the host's detection doesn't know is tuning, not an instruction.
    auto known = present.find(feature.Key);
    if (known != present.end() && !known->second &&
        (*wanted)->getFeatureBits().test(feature.Value))
      return makeError("this processor lacks %s (%s), which %s needs",
                       feature.Key, feature.Desc, desc.name.c_str());
  }
  return llvm::Error::success();
}
