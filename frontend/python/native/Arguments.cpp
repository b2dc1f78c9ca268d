//===- Arguments.cpp - Python objects as slots of a launch ----------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/python/native/Arguments.h"
#include "frontend/python/native/DLPack.h"
#include "runtime/arrays/Dtype.h"
#include <nanobind/stl/string.h>
#include <vector>

namespace nb = nanobind;

namespace tegula::python {

void raise(PyObject *type, const std::string &message) {
  PyErr_SetString(type, message.c_str());
  throw nb::python_error();
}

PyObject *checked(PyObject *object) {
  if (!object)
    throw nb::python_error();
  return object;
}

nb::object attribute(nb::handle object, PyObject *name) {
  return nb::steal(checked(PyObject_GetAttr(object.ptr(), name)));
}

const Names &Names::get() {
  static const Names names = [] {
    auto made = [](const char *text) {
      return checked(PyUnicode_InternFromString(text));
    };
    return Names{made("base"),
                 made("calls"),
                 made("data_ptr"),
                 made("device"),
                 made("__dlpack_c_exchange_api__"),
                 made("is_cpu"),
                 made("nbytes"),
                 made("padding"),
                 made("shape"),
                 made("untyped_storage"),
                 made("strides")};
  }();
  return names;
}

std::string describe(nb::handle object) {
  return "a " + nb::cast<std::string>(nb::inst_name(object));
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

uint64_t integerBits(nb::handle object, tegula_dtype dtype) {
  const runtime::DtypeInfo &info = runtime::dtypeInfo(dtype);
  nb::object index = nb::steal(PyNumber_Index(object.ptr()));
  if (!index) {
    PyErr_Clear();
    raise(PyExc_TypeError,
          std::string(info.name) + " is wanted, not " + describe(object));
  }
  // As in C, any number is a truth value.
  if (info.kind == runtime::DtypeKind::Bool)
    return PyObject_IsTrue(index.ptr()) == 1;
  int overflow = 0;
  long long value = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  uint64_t bits = uint64_t(value);
  unsigned width = 8 * info.bytes;
  bool isSigned = info.kind == runtime::DtypeKind::Signed;
  bool fits = overflow == 0;
  if (overflow > 0 && !isSigned && width == 64) {
    bits = PyLong_AsUnsignedLongLong(index.ptr());
    fits = !PyErr_Occurred();
    PyErr_Clear();
  } else if (fits && isSigned) {
    fits = width == 64 ||
           (value >= -(1ll << (width - 1)) && value < (1ll << (width - 1)));
  } else if (fits) {
    fits = value >= 0 && (width == 64 || bits >> width == 0);
  }
  if (!fits)
    raise(PyExc_OverflowError,
          nb::cast<std::string>(nb::str(index)) + " doesn't fit " + info.name);
  return info.bytes == 8 ? bits
                         : bits & ((uint64_t(1) << (8 * info.bytes)) - 1);
}

uint64_t floatBits(nb::handle object, tegula_dtype dtype) {
  double value = PyFloat_AsDouble(object.ptr());
  if (value == -1 && PyErr_Occurred()) {
    PyErr_Clear();
    raise(PyExc_TypeError, std::string(runtime::dtypeInfo(dtype).name) +
                               " is wanted, not " + describe(object));
  }
  return runtime::encodeFloat(value, dtype);
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

namespace {

/// What the type of an object knows of its objects.
struct ArrayType {
  PyTypeObject *type;
  /// Describes an object at once, or null.
  const dlpack::ExchangeAPI *exchange;
  /// Has `is_cpu`.
  bool saysWhere;
};

const dlpack::ExchangeAPI *exchangeOf(PyTypeObject *type) {
  auto *object = reinterpret_cast<PyObject *>(type);
  nb::object capsule =
      nb::steal(PyObject_GetAttr(object, Names::get().exchange));
  // A class that says itself where its data is, is asked.
  nb::object dataPtr =
      nb::steal(PyObject_GetAttr(object, Names::get().dataPtr));
  const dlpack::ExchangeAPI *api = nullptr;
  if (capsule && dataPtr && Py_TYPE(dataPtr.ptr()) == &PyMethodDescr_Type)
    api = static_cast<const dlpack::ExchangeAPI *>(
        PyCapsule_GetPointer(capsule.ptr(), "dlpack_exchange_api"));
  PyErr_Clear();
  while (api && api->major > dlpack::majorVersion)
    api = api->previous;
  return api && api->major == dlpack::majorVersion ? api : nullptr;
}

/// Most launches pass objects of one or two types, which live for ever.
const ArrayType &arrayTypeOf(nb::handle object) {
  static std::vector<ArrayType> &known = *new std::vector<ArrayType>();
  PyTypeObject *type = Py_TYPE(object.ptr());
  for (const ArrayType &entry : known)
    if (entry.type == type)
      return entry;
  constexpr size_t most = 64;
  if (known.size() == most)
    known.clear();
  Py_INCREF(type);
  bool saysWhere = PyObject_HasAttr(object.ptr(), Names::get().isCpu);
  return known.emplace_back(ArrayType{type, exchangeOf(type), saysWhere});
}

} // namespace

/// Tensors say where and how large they are; objects with data_ptr() alone are
/// trusted.
static uint64_t bytesHere(nb::handle object) {
  const Names &names = Names::get();
  if (attribute(object, names.isCpu).ptr() != Py_True)
    raise(PyExc_ValueError,
          describe(object) + " on device '" +
              nb::cast<std::string>(nb::str(attribute(object, names.device))) +
              "' was passed to a kernel for the CPU; move it by .cpu(), or "
              "choose another backend by TRITON_DEFAULT_BACKEND");
  nb::object bytes = nb::steal(PyObject_GetAttr(object.ptr(), names.nbytes));
  uint64_t value = bytes ? PyLong_AsUnsignedLongLong(bytes.ptr()) : 0;
  if (!PyErr_Occurred())
    return value;
  PyErr_Clear();
  return 0;
}

static Pointer pointerByAttributes(nb::handle object, bool saysWhere) {
  nb::object number = nb::steal(
      PyObject_CallMethodObjArgs(object.ptr(), Names::get().dataPtr, nullptr));
  if (!number && !PyErr_ExceptionMatches(PyExc_AttributeError))
    throw nb::python_error();
  if (!number) {
    PyErr_Clear();
    raise(PyExc_TypeError,
          "an object with data_ptr() is wanted, not " + describe(object));
  }
  Pointer result;
  result.bytes = saysWhere ? bytesHere(object) : 0;
  result.address = PyLong_AsUnsignedLongLong(number.ptr());
  if (PyErr_Occurred())
    throw nb::python_error();
  return result;
}

/// A pair of real numbers, and numbers that share a byte, have the size of no
/// element of a kernel: those who pass them know what they do.
static void checkElements(nb::handle object, const dlpack::Tensor &tensor,
                          unsigned bits) {
  if (bits == 0 || tensor.bits == bits || tensor.bits < 8 ||
      tensor.code == dlpack::codeComplex)
    return;
  raise(PyExc_TypeError,
        "elements of " + std::to_string(bits) + " bits are wanted, but " +
            describe(object) + " with elements of " +
            std::to_string(tensor.bits) +
            " bits was passed; the kernel was compiled for another dtype");
}

/// An address as a number. Nothing is ever mapped at the lowest ones: there a
/// number was passed in the place of an array.
static Pointer addressOf(nb::handle number) {
  constexpr uint64_t lowest = 1 << 16;
  uint64_t address = PyLong_AsUnsignedLongLong(number.ptr());
  if (PyErr_Occurred())
    throw nb::python_error();
  if (address != 0 && address < lowest)
    raise(PyExc_TypeError, "an object with data_ptr() is wanted, not the "
                           "number " +
                               std::to_string(address));
  return {address, 0};
}

Pointer pointerOf(nb::handle object, unsigned bits) {
  if (object.is_none())
    return {};
  if (PyLong_Check(object.ptr()))
    return addressOf(object);
  const ArrayType type = arrayTypeOf(object);
  dlpack::Tensor tensor;
  if (!type.exchange ||
      type.exchange->tensorFromObject(object.ptr(), &tensor) != 0 ||
      tensor.deviceType != dlpack::deviceCPU) {
    PyErr_Clear();
    return pointerByAttributes(object, type.saysWhere);
  }
  checkElements(object, tensor, bits);
  uint64_t count = 1;
  for (int32_t i = 0; i < tensor.rank; ++i)
    count *= uint64_t(tensor.shape[i]);
  return {reinterpret_cast<uint64_t>(tensor.data) + tensor.byteOffset,
          (count * tensor.bits + 7) / 8};
}

std::optional<Memory> memoryOf(nb::handle object) {
  const Names &names = Names::get();
  if (!arrayTypeOf(object).exchange)
    return std::nullopt;
  auto numberOf = [](nb::handle owner, PyObject *name) {
    nb::object number = nb::steal(
        checked(PyObject_CallMethodObjArgs(owner.ptr(), name, nullptr)));
    return PyLong_AsUnsignedLongLong(number.ptr());
  };
  nb::object storage = nb::steal(
      PyObject_CallMethodObjArgs(object.ptr(), names.storage, nullptr));
  if (storage) {
    Memory memory{numberOf(storage, names.dataPtr),
                  numberOf(storage, names.nbytes)};
    if (!PyErr_Occurred())
      return memory;
  }
  PyErr_Clear();
  return std::nullopt;
}

} // namespace tegula::python
