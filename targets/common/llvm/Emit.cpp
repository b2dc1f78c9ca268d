//===- Emit.cpp - From a lowered module to machine code -------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/common/llvm/Emit.h"

#include "targets/common/llvm/Machine.h"
#include "targets/common/llvm/Passes.h"

#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/CodeGen/AtomicExpandUtils.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Scalar/LoopUnrollPass.h"
#include <mutex>

using namespace mlir;
using namespace tegula::targets;

void tegula::targets::registerLLVMEmission(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, cf::ControlFlowDialect, DLTIDialect,
                  func::FuncDialect, index::IndexDialect, LLVM::LLVMDialect,
                  math::MathDialect, scf::SCFDialect, ub::UBDialect,
                  vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

void tegula::targets::buildLowerToLLVMPipeline(OpPassManager &pm,
                                               const TargetDesc &desc) {
  if (desc.callingForm == CallingForm::OpenClKernel)
    // SPIR-V's fmin and fmax drop NaN: the NaN-keeping ones become selects.
    pm.addPass(arith::createArithExpandOpsPass());
  // Before the expansions below, whose own shifts and conversions are in range.
  pm.addPass(createMakeArithTotal({desc.hasIntegerDivide}));
  pm.addPass(createExpandMath({unsigned(desc.mathLibrary), desc.vectorBits,
                               desc.hasFma, desc.hasFastLdexp}));
  pm.addPass(createExpandFloatConversions(
      {desc.hasBf16Convert, desc.hasF16Convert, desc.bf16FlushingConvert,
       desc.denormalTest, desc.lanes(32)}));
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertToLLVM());
  pm.addPass(createReconcileUnrealizedCastsPass());
  if (desc.callingForm == CallingForm::OpenClKernel) {
    pm.addPass(createWrapOpenClKernel({desc.globalAddressSpace}));
    return; // SPIR-V has no line tables.
  }
  // Scopes last: they want LLVM functions and give each a line table and, with
  // full information, a name for debuggers (nameAfterKernel).
  pm.addPass(
      LLVM::createDIScopeForLLVMFuncOpPass({LLVM::DIEmissionKind::Full}));
}

//===----------------------------------------------------------------------===//
// LLVM IR
//===----------------------------------------------------------------------===//

/// What the code generator is told of each function beside its body.
static void setFunctionAttributes(llvm::Module &module,
                                  const TargetDesc &desc) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration() ||
        desc.callingForm == CallingForm::OpenClKernel)
      continue;
    function.addFnAttr("target-cpu", desc.cpu);
    function.addFnAttr("target-features", desc.features);
    // Kernels never throw; unwinding tables would only cost space. Frame
    // pointers let perf walk from a kernel into the runtime.
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.addFnAttr("frame-pointer", "non-leaf");
    if (desc.vectorBits)
      function.addFnAttr("prefer-vector-width", llvm::utostr(desc.vectorBits));
    if (desc.vscale)
      function.addFnAttr(llvm::Attribute::getWithVScaleRangeArgs(
          module.getContext(), desc.vscale, desc.vscale));
    if (function.getName() != kEntrySymbol)
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
  }
}

/// LLVM's O3 without the vectorisers: kernels arrive as vectors, and a second
/// opinion on them costs compile time and code size. So does unrolling in part:
/// strips are as long as they should be, which leaves short loops of constant
/// length to be unrolled as a whole. SPIR-V isn't unrolled at all: the driver's
/// compiler does that for its machine, and takes long over code that has been
/// blown up before.
static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  tuning.LoopInterleaving = false;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine, tuning);
  if (!machine.getTargetTriple().isSPIRV())
    builder.registerLateLoopOptimizationsEPCallback(
        [](llvm::LoopPassManager &passes, llvm::OptimizationLevel level) {
          passes.addPass(llvm::LoopFullUnrollPass(level.getSpeedupLevel()));
        });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

static bool lacksSpirvAtomic(const llvm::AtomicRMWInst &update) {
  return update.isFloatingPointOperation() ||
         update.getOperation() == llvm::AtomicRMWInst::UIncWrap ||
         update.getOperation() == llvm::AtomicRMWInst::UDecWrap;
}

/// SPIR-V's own float atomics are extensions that few devices have: a loop
/// around compare-and-swap of the bits works everywhere.
static void expandSpirvAtomics(llvm::Module &module) {
  llvm::SmallVector<llvm::AtomicRMWInst *> updates;
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *update = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction))
        if (lacksSpirvAtomic(*update))
          updates.push_back(update);
  for (llvm::AtomicRMWInst *update : updates)
    llvm::expandAtomicRMWToCmpXchg(
        update,
        [](llvm::IRBuilderBase &b, llvm::Value *address, llvm::Value *loaded,
           llvm::Value *wanted, llvm::Align alignment,
           llvm::AtomicOrdering ordering, llvm::SyncScope::ID scope,
           llvm::Value *&success, llvm::Value *&seen, llvm::Instruction *) {
          llvm::Type *type = loaded->getType();
          llvm::Type *bits = b.getIntNTy(type->getScalarSizeInBits());
          llvm::Value *pair = b.CreateAtomicCmpXchg(
              address, b.CreateBitCast(loaded, bits),
              b.CreateBitCast(wanted, bits), alignment, ordering,
              llvm::AtomicCmpXchgInst::getStrongestFailureOrdering(ordering),
              scope);
          success = b.CreateExtractValue(pair, 1);
          seen = b.CreateBitCast(b.CreateExtractValue(pair, 0), type);
        });
}

/// The one lane that a constant mask enables, or -1.
static int onlyLane(const llvm::Value *mask) {
  auto *constant = llvm::dyn_cast<llvm::Constant>(mask);
  auto *type = llvm::dyn_cast<llvm::FixedVectorType>(mask->getType());
  int only = -1;
  for (unsigned lane = 0; constant && type && lane < type->getNumElements();
       ++lane) {
    auto *bit = llvm::dyn_cast_or_null<llvm::ConstantInt>(
        constant->getAggregateElement(lane));
    if (!bit || (bit->isOne() && only >= 0))
      return -1;
    if (bit->isOne())
      only = lane;
  }
  return only;
}

/// A masked store of one lane is a plain store of that element. LLVM's x86
/// backend makes it one too, but where it has already folded a truncation into
/// the store it writes the wide element over its neighbours
/// (llvm/llvm-project#179489).
static void simplifyOneLaneStores(llvm::Module &module) {
  llvm::SmallVector<llvm::IntrinsicInst *> stores;
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
          call && call->getIntrinsicID() == llvm::Intrinsic::masked_store &&
          onlyLane(call->getArgOperand(2)) >= 0)
        stores.push_back(call);
  for (llvm::IntrinsicInst *store : stores) {
    int lane = onlyLane(store->getArgOperand(2));
    llvm::IRBuilder<> b(store);
    llvm::Value *element =
        b.CreateExtractElement(store->getArgOperand(0), lane);
    llvm::Value *place = b.CreateConstInBoundsGEP1_64(
        element->getType(), store->getArgOperand(1), lane);
    uint64_t bytes =
        module.getDataLayout().getTypeStoreSize(element->getType());
    b.CreateAlignedStore(
        element, place,
        llvm::commonAlignment(store->getParamAlign(1).valueOrOne(),
                              lane * bytes));
    store->eraseFromParent();
  }
}

/// Debuggers and profilers know the code by the kernel's name; the symbol that
/// every shared object exports becomes a weak alias, which profilers prefer
/// less. The suffix keeps a kernel called `memcpy` from being called as that.
static void nameAfterKernel(llvm::Module &module, llvm::StringRef kernel) {
  llvm::Function *function = module.getFunction(kEntrySymbol);
  if (!function)
    return;
  if (llvm::DISubprogram *scope = function->getSubprogram()) {
    constexpr unsigned name = 2, linkageName = 3; // operands of the node
    scope->replaceOperandWith(name,
                              llvm::MDString::get(module.getContext(), kernel));
    scope->replaceOperandWith(linkageName, nullptr);
  }
  function->setName(kernel + ".tegula");
  llvm::GlobalAlias::create(llvm::GlobalValue::WeakAnyLinkage, kEntrySymbol,
                            function);
  function->setLinkage(llvm::GlobalValue::InternalLinkage);
}

static llvm::Expected<std::unique_ptr<llvm::Module>>
translate(ModuleOp module, llvm::LLVMContext &context,
          llvm::TargetMachine &machine, const TargetDesc &desc) {
  std::unique_ptr<llvm::Module> llvmModule =
      translateModuleToLLVMIR(module, context, "tegula");
  if (!llvmModule)
    return llvm::createStringError("translation to LLVM IR failed");
  llvmModule->setTargetTriple(machine.getTargetTriple());
  llvmModule->setDataLayout(machine.createDataLayout());
  setFunctionAttributes(*llvmModule, desc);
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (llvm::verifyModule(*llvmModule, &stream))
    return llvm::createStringError("invalid LLVM IR: " + message);
  if (machine.getTargetTriple().isSPIRV())
    expandSpirvAtomics(*llvmModule);
  optimize(*llvmModule, machine);
  simplifyOneLaneStores(*llvmModule);
  return llvmModule;
}

//===----------------------------------------------------------------------===//
// Machine code
//===----------------------------------------------------------------------===//

/// `passes` write to `stream` even when they are destroyed: it must outlive
/// them.
static llvm::Error generate(llvm::Module &module, llvm::TargetMachine &machine,
                            llvm::CodeGenFileType fileType,
                            llvm::raw_pwrite_stream &stream,
                            llvm::legacy::PassManager &passes) {
  if (machine.addPassesToEmitFile(passes, stream, nullptr, fileType,
                                  /*DisableVerify=*/true))
    return llvm::createStringError("LLVM can't write this kind of file for " +
                                   machine.getTargetTriple().str());
  passes.run(module);
  return llvm::Error::success();
}

namespace {

/// Leaves out the pass that frees machine functions.
class KeepingPassManager : public llvm::legacy::PassManager {
public:
  void add(llvm::Pass *pass) override {
    if (pass->getPassName() == freeingName)
      delete pass;
    else
      llvm::legacy::PassManager::add(pass);
  }

private:
  std::string freeingName = [] {
    std::unique_ptr<llvm::Pass> pass(llvm::createFreeMachineFunctionPass());
    return pass->getPassName().str();
  }();
};

/// LLVM 22's SPIR-V back end numbers basic blocks in a table that outlives the
/// module and is keyed by the addresses of machine functions: once an address
/// comes again, two things get one number. So one module at a time, and no
/// machine function is ever freed.
struct SpirvBackend {
  std::mutex mutex;
  std::vector<KeepingPassManager *> kept;

  static SpirvBackend &get() {
    static SpirvBackend &backend = *new SpirvBackend();
    return backend;
  }
};

} // namespace

static llvm::Error generateSpirv(llvm::Module &module,
                                 llvm::TargetMachine &machine,
                                 llvm::CodeGenFileType fileType,
                                 llvm::raw_pwrite_stream &stream) {
  SpirvBackend &backend = SpirvBackend::get();
  std::lock_guard<std::mutex> lock(backend.mutex);
  backend.kept.push_back(new KeepingPassManager());
  return generate(module, machine, fileType, stream, *backend.kept.back());
}

/// Collects what LLVM's passes report: left alone, LLVM ends the process.
static void collectErrors(const llvm::DiagnosticInfo *info, void *errors) {
  if (info->getSeverity() != llvm::DS_Error)
    return;
  llvm::raw_string_ostream stream(*static_cast<std::string *>(errors));
  llvm::DiagnosticPrinterRawOStream printer(stream);
  if (stream.tell() != 0)
    stream << '\n';
  info->print(printer);
}

llvm::Expected<std::string> tegula::targets::emitCode(ModuleOp module,
                                                      const TargetDesc &desc,
                                                      CodeStage stage) {
  auto machine = createTargetMachine(desc);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  std::string errors;
  context.setDiagnosticHandlerCallBack(collectErrors, &errors);
  auto llvmModule = translate(module, context, **machine, desc);
  if (!llvmModule)
    return llvmModule.takeError();
  Operation *kernel = module.lookupSymbol(kEntrySymbol);
  if (auto name = kernel ? kernel->getAttrOfType<StringAttr>("tegula.kernel")
                         : StringAttr();
      name && stage == CodeStage::SharedObject)
    nameAfterKernel(**llvmModule, name);
  if (stage == CodeStage::LLVMIR) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    (*llvmModule)->print(stream, nullptr);
    return text;
  }
  auto fileType = stage == CodeStage::Assembly
                      ? llvm::CodeGenFileType::AssemblyFile
                      : llvm::CodeGenFileType::ObjectFile;
  llvm::SmallString<0> code;
  llvm::raw_svector_ostream stream(code);
  llvm::legacy::PassManager passes;
  llvm::Error error =
      (*machine)->getTargetTriple().isSPIRV()
          ? generateSpirv(**llvmModule, **machine, fileType, stream)
          : generate(**llvmModule, **machine, fileType, stream, passes);
  if (error)
    return std::move(error);
  if (!errors.empty())
    return llvm::createStringError("LLVM's code generator for " + desc.name +
                                   ": " + errors);
  if (stage != CodeStage::SharedObject)
    return code.str().str();
  return linkSharedObject(code, desc);
}
