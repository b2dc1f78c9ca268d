//===- Launcher.cpp - Python's arguments to kernels -----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/python/native/Launcher.h"
#include "frontend/python/native/Arguments.h"
#include "frontend/python/native/Interrupts.h"
#include "runtime/arrays/Dtype.h"
#include <algorithm>

namespace nb = nanobind;

namespace tegula::python {

Errors &Errors::get() {
  static Errors errors;
  return errors;
}

Grid gridOf(nb::handle grid) {
  Grid result = {1, 1, 1};
  nb::object numbers = PyLong_Check(grid.ptr())
                           ? nb::object(nb::make_tuple(grid))
                           : nb::borrow(grid);
  size_t count = nb::len(numbers);
  if (count < 1 || count > 3)
    raise(PyExc_ValueError,
          "a grid has one to three numbers, not " + std::to_string(count));
  for (size_t i = 0; i < count; ++i)
    result[i] = uint32_t(integerBits(numbers[i], TEGULA_U32));
  return result;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

Kernel::Kernel(const std::string &bytes, const std::string &metadata) {
  tegula_module *loaded = nullptr;
  char message[1024];
  if (tegula_module_load(bytes.data(), bytes.size(), metadata.c_str(), &loaded,
                         message, sizeof message) != TEGULA_OK)
    raise(Errors::get().launch, message);
  module.reset(loaded);
  watchInterrupts();
}

std::vector<std::pair<std::string, std::string>> Kernel::arguments() const {
  std::vector<std::pair<std::string, std::string>> result;
  for (size_t i = 0; i < tegula_module_num_args(get()); ++i)
    result.emplace_back(tegula_module_arg_name(get(), i),
                        tegula_module_arg_type(get(), i));
  return result;
}

void Kernel::launchSlots(const Grid &grid, const uint64_t *slots, size_t count,
                         const tegula_launch_options &options) const {
  char message[1024];
  tegula_status status;
  {
    nb::gil_scoped_release unlocked;
    status = tegula_launch(get(), grid.data(), slots, count, &options, message,
                           sizeof message);
  }
  switch (status) {
  case TEGULA_OK:
    return;
  case TEGULA_ASSERTION_FAILED:
    raise(Errors::get().assertion, message);
  case TEGULA_INVALID_ARGUMENT:
    raise(PyExc_ValueError, message);
  case TEGULA_OUT_OF_MEMORY:
    raise(PyExc_MemoryError, message);
  case TEGULA_INTERRUPTED:
    // In the main thread Python raises it itself.
    if (PyErr_CheckSignals() != 0)
      throw nb::python_error();
    raise(PyExc_KeyboardInterrupt, message);
  default:
    raise(Errors::get().launch, message);
  }
}

void Kernel::launch(nb::handle grid, nb::sequence values,
                    const std::vector<uint64_t> &extents,
                    uint32_t threads) const {
  size_t count = nb::len(values);
  if (count != tegula_module_num_args(get()))
    raise(PyExc_TypeError,
          name() + ": takes " + std::to_string(tegula_module_num_args(get())) +
              " arguments, but the launch passes " + std::to_string(count));
  std::vector<uint64_t> slots(count);
  for (size_t i = 0; i < count; ++i) {
    std::string_view type = tegula_module_arg_type(get(), i);
    nb::object value = values[i];
    auto dtype = runtime::parseDtype(type);
    bool isFloat =
        dtype && runtime::dtypeInfo(*dtype).kind == runtime::DtypeKind::Float;
    slots[i] = type.starts_with('*') ? pointerOf(value).address
               : !dtype              ? 0
               : isFloat             ? floatBits(value, *dtype)
                                     : integerBits(value, *dtype);
  }
  tegula_launch_options options = {};
  options.threads = threads;
  if (extents.size() == count)
    options.extents = extents.data();
  launchSlots(gridOf(grid), slots.data(), count, options);
}

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

/// "i32", "u1", "fp16", "bf16" in Triton's spelling.
static std::optional<tegula_dtype> scalarType(std::string_view name) {
  if (name == "u1")
    return TEGULA_I1;
  if (name.starts_with("fp"))
    return runtime::parseDtype("f" + std::string(name.substr(2)));
  return runtime::parseDtype(name);
}

/// The size in memory of what "*fp32", "*kfp32" (only read), "**i8" point to; 0
/// where it isn't known.
static unsigned bitsOfElement(std::string_view name) {
  if (name.starts_with('k'))
    name.remove_prefix(1);
  if (name.starts_with('*'))
    return 64;
  if (name.starts_with("fp8"))
    return 8;
  std::optional<tegula_dtype> dtype = scalarType(name);
  return dtype ? 8 * runtime::dtypeInfo(*dtype).bytes : 0;
}

Passed Passed::parse(nb::handle type) {
  Passed result;
  if (nb::isinstance<nb::tuple>(type) || nb::isinstance<nb::list>(type)) {
    result.form = Form::Tuple;
    for (nb::handle element : type)
      result.elements.push_back(parse(element));
    return result;
  }
  std::string text = nb::cast<std::string>(type);
  if (text == "constexpr")
    return result;
  if (text.starts_with("*")) {
    result.form = Form::Pointer;
    result.elementBits = bitsOfElement(text.substr(1));
    return result;
  }
  if (text.starts_with("tensordesc")) {
    result.form = Form::Descriptor;
    size_t start = text.find('<'), first = text.find('['),
           last = text.find(']');
    if (start > first || first > last || last == std::string::npos)
      raise(PyExc_TypeError, "a kernel can't take '" + text + "'");
    result.elementBits = bitsOfElement(
        std::string_view(text).substr(start + 1, first - start - 1));
    result.rank =
        1 + std::count(text.begin() + first, text.begin() + last, ',');
    return result;
  }
  std::optional<tegula_dtype> dtype = scalarType(text);
  if (!dtype)
    raise(PyExc_TypeError, "a kernel can't take '" + text + "'");
  result.dtype = *dtype;
  result.form = runtime::dtypeInfo(*dtype).kind == runtime::DtypeKind::Float
                    ? Form::Float
                    : Form::Integer;
  return result;
}

namespace {

/// The slots of one launch, filled in one after the other.
struct Slots {
  static constexpr size_t most = 256;
  uint64_t values[most], extents[most];
  /// What each pointer was made of, borrowed from the arguments.
  PyObject *arrays[most];
  size_t count = 0, numArrays = 0;
  unsigned numDescriptors = 0;
  /// One bit for each descriptor.
  uint64_t nanDescriptors = 0;

  void add(uint64_t value, uint64_t extent = 0) {
    if (count == most)
      raise(PyExc_TypeError,
            "a kernel takes at most " + std::to_string(most) + " arguments");
    extents[count] = extent;
    values[count++] = value;
  }
  void addPointer(nb::handle object, unsigned bits) {
    Pointer pointer = pointerOf(object, bits);
    add(pointer.address, pointer.bytes);
    arrays[numArrays++] = object.ptr();
  }
  void add(const Passed &passed, nb::handle value);
  void addDescriptor(const Passed &passed, nb::handle value);

  /// Is each pointer's memory known and shared with no other one?
  bool areApart() const;
};

void Slots::add(const Passed &passed, nb::handle value) {
  switch (passed.form) {
  case Passed::Form::Nothing:
    return;
  case Passed::Form::Pointer:
    return addPointer(value, passed.elementBits);
  case Passed::Form::Integer:
    return add(integerBits(value, passed.dtype));
  case Passed::Form::Float:
    return add(floatBits(value, passed.dtype));
  case Passed::Form::Descriptor:
    return addDescriptor(passed, value);
  case Passed::Form::Tuple: {
    size_t length = nb::len(value);
    if (length != passed.elements.size())
      raise(PyExc_TypeError,
            "a tuple of " + std::to_string(passed.elements.size()) +
                " is wanted, not of " + std::to_string(length));
    for (size_t i = 0; i < length; ++i)
      add(passed.elements[i], nb::object(value[i]));
  }
  }
}

/// A descriptor travels as its base, its sizes (i32) and its strides (i64).
void Slots::addDescriptor(const Passed &passed, nb::handle value) {
  const Names &names = Names::get();
  // Triton 3.4's have no word for it.
  nb::object padding = nb::steal(PyObject_GetAttr(value.ptr(), names.padding));
  if (numDescriptors == 64)
    raise(PyExc_TypeError, "a kernel takes at most 64 descriptors");
  if (!padding)
    PyErr_Clear();
  else if (std::string name = nb::cast<std::string>(padding); name == "nan")
    nanDescriptors |= uint64_t(1) << numDescriptors;
  else if (name != "zero")
    raise(PyExc_ValueError,
          "a descriptor pads with 'zero' or 'nan', not with '" + name + "'");
  ++numDescriptors;
  addPointer(attribute(value, names.base), passed.elementBits);
  for (auto [name, dtype] :
       {std::pair(names.shape, TEGULA_I32), {names.strides, TEGULA_I64}}) {
    nb::object numbers = attribute(value, name);
    if (nb::len(numbers) != passed.rank)
      raise(PyExc_TypeError, "a descriptor of " + std::to_string(passed.rank) +
                                 " dimensions is wanted, not of " +
                                 std::to_string(nb::len(numbers)));
    for (size_t i = 0; i < passed.rank; ++i)
      add(integerBits(nb::object(numbers[i]), dtype));
  }
}

bool Slots::areApart() const {
  Memory all[most];
  for (size_t i = 0; i < numArrays; ++i) {
    std::optional<Memory> memory = memoryOf(arrays[i]);
    if (!memory)
      return false;
    all[i] = *memory;
    for (size_t j = 0; j < i; ++j)
      if (all[i].begin < all[j].begin + all[j].bytes &&
          all[j].begin < all[i].begin + all[i].bytes)
        return false;
  }
  return true;
}

} // namespace

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

Launcher::Launcher(std::string metadata, nb::sequence types,
                   std::vector<bool> isConstant, bool asksForAliases,
                   nb::object origin)
    : metadata(std::move(metadata)), asksForAliases(asksForAliases),
      origin(std::move(origin)) {
  for (nb::handle type : types)
    signature.push_back(Passed::parse(type));
  for (size_t i = 0; i < signature.size(); ++i) {
    every.push_back(&signature[i]);
    if (i >= isConstant.size() || !isConstant[i])
      declared.push_back(&signature[i]);
  }
}

void Launcher::loadCode(nb::handle code) {
  if (!nb::isinstance<nb::bytes>(code))
    raise(PyExc_TypeError,
          "the code of a kernel is wanted, not " + describe(code));
  auto bytes = nb::cast<nb::bytes>(origin.attr("checked")(code));
  kernel = std::make_unique<Kernel>(std::string(bytes.c_str(), bytes.size()),
                                    metadata);
}

const Kernel &Launcher::kernelFor(uint64_t nanDescriptors) {
  if (!nanDescriptors)
    return *kernel;
  auto known = paddedKernels.find(nanDescriptors);
  if (known != paddedKernels.end())
    return *known->second;
  nb::list numbers;
  for (int number = 0; number < 64; ++number)
    if (nanDescriptors >> number & 1)
      numbers.append(number);
  auto [code, about] = nb::cast<std::pair<nb::bytes, std::string>>(
      origin.attr("pad_with_nan")(numbers));
  // Another thread may have been as fast: its kernel may be running.
  return *paddedKernels
              .try_emplace(nanDescriptors,
                           std::make_unique<Kernel>(
                               std::string(code.c_str(), code.size()), about))
              .first->second;
}

const std::vector<const Passed *> &Launcher::parametersFor(size_t count) const {
  if (count == every.size())
    return every;
  if (count == declared.size())
    return declared;
  std::string wanted = std::to_string(every.size());
  if (declared.size() != every.size())
    wanted += " arguments, or " + std::to_string(declared.size()) +
              " without those that are compiled in";
  else
    wanted += " arguments";
  raise(PyExc_TypeError, kernel->name() + ": takes " + wanted +
                             ", but the launch passes " +
                             std::to_string(count));
}

/// Triton passes a chain of hooks, which is empty most of the time.
static void callHook(nb::handle hook, nb::handle argument) {
  if (hook.is_none())
    return;
  nb::object calls =
      nb::steal(PyObject_GetAttr(hook.ptr(), Names::get().calls));
  if (!calls)
    PyErr_Clear();
  else if (PyList_Check(calls.ptr()) && PyList_Size(calls.ptr()) == 0)
    return;
  Py_DECREF(checked(
      PyObject_CallFunctionObjArgs(hook.ptr(), argument.ptr(), nullptr)));
}

void Launcher::operator()(nb::args all) {
  constexpr size_t leading = 9;
  if (all.size() < leading)
    raise(PyExc_TypeError, "a launcher takes a grid, a stream, the code, "
                           "metadata and hooks before the arguments");
  if (!kernel)
    loadCode(all[4]);
  size_t count = all.size() - leading;
  const std::vector<const Passed *> &parameters = parametersFor(count);
  Grid grid;
  for (size_t i = 0; i < 3; ++i)
    grid[i] = uint32_t(integerBits(all[i], TEGULA_U32));
  Slots slots;
  for (size_t i = 0; i < count; ++i) {
    // Borrowed: `all` keeps the arguments alive.
    slots.add(*parameters[i], PyTuple_GetItem(all.ptr(), leading + i));
  }
  tegula_launch_options options = {};
  options.allow_null = 1;
  // How much memory a launch passes decides about the caches. But a kernel may
  // leave a view that it is given: the sizes prove nothing about aliases.
  options.extents = slots.extents;
  (asksForAliases && slots.areApart() ? options.flags_on : options.flags_off) =
      TEGULA_LAUNCH_NO_ALIAS;
  callHook(all[7], all[6]);
  kernelFor(slots.nanDescriptors)
      .launchSlots(grid, slots.values, slots.count, options);
  callHook(all[8], all[6]);
}

} // namespace tegula::python
