//===- Evaluator.cpp - errors, places, constants for handlers -------------===//
#include "frontend/lang/Evaluator.h"
#include "frontend/lang/ConstEval.h"

using namespace tegula::frontend;
using llvm::StringRef;

Evaluator::Evaluator(Diagnostics &diagnostics, mlir::MLIRContext *kernelContext)
    : diagnostics(&diagnostics), mlirContext(kernelContext) {
  if (kernelContext)
    emit = std::make_unique<Emitter>(kernelContext, *this);
}

Evaluator::~Evaluator() = default;

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

SourceRange Evaluator::rangeOf(const Frame &at) const {
  SourceRange range;
  if (at.module)
    range.file = at.module->sourcePtr();
  range.line = at.span.line;
  range.column = at.span.column;
  range.length = at.span.length;
  return range;
}

mlir::Location Evaluator::location() const {
  if (frame->module && frame->module->isLibrary() && frame->callLoc)
    return frame->callLoc;
  mlir::Location here = mlir::FileLineColLoc::get(
      mlirContext, frame->module ? frame->module->source().path() : "",
      frame->span.line, frame->span.column);
  if (frame->callLoc)
    return mlir::CallSiteLoc::get(here, mlir::Location(frame->callLoc));
  return here;
}

Value Evaluator::error(const llvm::Twine &message, const llvm::Twine &hint) {
  // What the embedded library finds wrong is its caller's affair.
  Frame *at = frame;
  while (at && at->caller && at->module && at->module->isLibrary())
    at = at->caller;
  std::string text = message.str();
  Diagnostic &made =
      diagnostics->error(at ? rangeOf(*at) : SourceRange{}, text);
  made.hint = hint.str();
  for (Frame *caller = at ? at->caller : nullptr; caller;
       caller = caller->caller)
    if (caller->span.line)
      made.calls.push_back(rangeOf(*caller));
  return Value::poison();
}

void Evaluator::warning(const llvm::Twine &message) {
  diagnostics->warning(frame ? rangeOf(*frame) : SourceRange{}, message.str());
}

bool Evaluator::outOfBudget() {
  // A statement that makes IR costs far more than one that computes.
  constexpr uint64_t limit = 1'000'000, emitted = 10;
  steps += inHost() || !canEmit() ? 1 : emitted;
  if (steps <= limit)
    return false;
  if (!exhausted)
    error("this takes too long to evaluate at compile time",
          "a tl.static_range or a constexpr loop runs too often, or calls and "
          "early returns multiply");
  exhausted = true;
  return true;
}

llvm::raw_ostream &Evaluator::printStream() { return llvm::errs(); }

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

std::optional<int64_t> Evaluator::constantInt(const Value &value,
                                              StringRef what) {
  // Sums of a few of them still fit into 64 bits.
  constexpr __int128 limit = static_cast<__int128>(1) << 60;
  if (value.isInt() && value.integer() < limit && value.integer() > -limit)
    return int64_t(value.integer());
  if (!value.isPoison())
    error(what + " must be a constant integer, not " + value.describe(),
          value.isTensor() ? "make it a tl.constexpr" : "");
  return std::nullopt;
}

std::optional<bool> Evaluator::constantBool(const Value &value,
                                            StringRef what) {
  if (!value.isRuntime() && !value.isPoison() && !value.isUnknown())
    return value.truthy();
  if (!value.isPoison())
    error(what + " must be a constant, not " + value.describe());
  return std::nullopt;
}

std::optional<std::string> Evaluator::constantString(const Value &value,
                                                     StringRef what) {
  if (value.isNone())
    return std::string();
  if (value.isString())
    return value.string();
  if (!value.isPoison())
    error(what + " must be a string, not " + value.describe());
  return std::nullopt;
}

std::optional<Shape> Evaluator::constantShape(const Value &value,
                                              StringRef what) {
  Shape shape;
  if (value.isInt()) {
    shape.push_back(int64_t(value.integer()));
    return shape;
  }
  if (!value.isTuple()) {
    if (!value.isPoison())
      error(what + " must be a tuple of constant integers, not " +
            value.describe());
    return std::nullopt;
  }
  // f(shape) and f(*shape) mean the same: one tuple inside is unwrapped.
  if (value.elements().size() == 1 && value.elements()[0].isTuple())
    return constantShape(value.elements()[0], what);
  for (const Value &element : value.elements()) {
    std::optional<int64_t> size = constantInt(element, what);
    if (!size)
      return std::nullopt;
    shape.push_back(*size);
  }
  return shape;
}

std::optional<Shape> Evaluator::tensorShape(const Value &value,
                                            StringRef what) {
  std::optional<Shape> shape = constantShape(value, what);
  if (!shape || !emit->isTensorShape(*shape))
    return std::nullopt;
  return shape;
}

std::optional<DType> Evaluator::constantType(const Value &value,
                                             StringRef what) {
  if (value.isType() && !value.type().isPointer())
    return value.type().element;
  if (value.isString())
    if (std::optional<DType> type = parseDType(value.string()))
      return type;
  if (value.is(Value::Kind::Builtin)) {
    // The Python types float, int and bool.
    StringRef name = value.builtin()->name;
    if (name == "python.float")
      return DType::Float32;
    if (name == "python.int")
      return DType::Int32;
    if (name == "python.bool")
      return DType::Int1;
  }
  if (!value.isPoison())
    error(what + " must be a type such as tl.float32, not " + value.describe());
  return std::nullopt;
}

bool Evaluator::truth(const Value &value, bool &result) {
  if (value.isPoison())
    return false;
  if (value.isUnknown()) {
    error("this condition is not known at compile time: " + value.string());
    return false;
  }
  if (value.isTensor()) {
    error("this condition is known only at run time: " + value.describe());
    return false;
  }
  result = value.truthy();
  return true;
}

Value Evaluator::iterate(const Value &iterable) {
  switch (iterable.kind()) {
  case Value::Kind::Poison:
  case Value::Kind::Tuple:
    return iterable;
  case Value::Kind::Dict: {
    Values keys;
    for (const auto &[key, value] : iterable.dict().items)
      keys.push_back(key);
    return Value::ofTuple(std::move(keys));
  }
  case Value::Kind::String: {
    Values letters;
    for (char c : iterable.string())
      letters.push_back(Value::ofString(std::string(1, c)));
    return Value::ofTuple(std::move(letters));
  }
  case Value::Kind::Range: {
    const Value::RangeData &range = iterable.range();
    std::optional<int64_t> start = constantInt(range.start, "the start"),
                           stop = constantInt(range.stop, "the end"),
                           step = constantInt(range.step, "the step");
    if (!start || !stop || !step)
      return Value::poison();
    if (!*step)
      return error("the step of a range must not be 0");
    constexpr int64_t limit = 1 << 20;
    int64_t count = *step > 0 ? (*stop - *start + *step - 1) / *step
                              : (*start - *stop - *step - 1) / -*step;
    if (count > limit)
      return error("this range has " + llvm::Twine(count) +
                   " elements, too many to go through at compile time");
    Values numbers;
    for (int64_t i = 0; i < count; ++i)
      numbers.push_back(Value::ofInt(*start + i * *step));
    return Value::ofTuple(std::move(numbers));
  }
  default:
    return error(iterable.describe() + " has no elements to go through");
  }
}
