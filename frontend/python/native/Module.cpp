//===- Module.cpp - The Python module tegula._tegula ----------------------===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/python/native/Compiler.h"
#include "frontend/python/native/Launcher.h"

namespace nb = nanobind;
using namespace nb::literals;
using namespace tegula::python;
using tegula::frontend::Literal;

/// A value that is compiled in: None, bool, int, float, str, dtypes, tuples.
static Literal literalOf(nb::handle value) {
  PyObject *object = value.ptr();
  if (value.is_none())
    return Literal::none();
  if (PyBool_Check(object))
    return Literal::ofBool(object == Py_True);
  if (PyFloat_Check(object))
    return Literal::ofFloat(PyFloat_AsDouble(object));
  if (PyUnicode_Check(object))
    return Literal::ofString(nb::cast<std::string>(value));
  if (PyTuple_Check(object) || PyList_Check(object)) {
    std::vector<Literal> elements;
    for (nb::handle element : value)
      elements.push_back(literalOf(element));
    return Literal::ofTuple(std::move(elements));
  }
  if (PyIndex_Check(object)) {
    nb::object index = nb::steal(PyNumber_Index(object));
    Literal number = Literal::parse(nb::cast<std::string>(nb::str(index)));
    if (number.kind == Literal::Kind::Int)
      return number;
  }
  // Dtypes of tegula, of Triton and of others say what they are.
  if (auto type =
          tegula::frontend::parseDType(nb::cast<std::string>(nb::str(value))))
    return Literal::ofType(*type);
  throw nb::type_error(("a kernel can't be compiled for the constant " +
                        nb::cast<std::string>(nb::repr(value)))
                           .c_str());
}

[[noreturn]] static void raise(const Failure &failure) {
  Errors &errors = Errors::get();
  PyErr_SetString(failure.isUnavailable ? errors.unavailable : errors.compile,
                  failure.message.c_str());
  throw nb::python_error();
}

static Source makeSource(std::string text, std::string path, std::string kind,
                         std::string kernel, nb::dict types, nb::dict constants,
                         std::string target, bool mustRun) {
  if (kind != "ttir" && kind != "python")
    throw nb::value_error("the kind of a source is 'ttir' or 'python'");
  Source source{
      std::move(path),   std::move(text), kind == "ttir", std::move(kernel), {},
      std::move(target), mustRun};
  for (auto [name, type] : types)
    source.parameters.push_back(
        {nb::cast<std::string>(name), nb::cast<std::string>(type), {}});
  for (auto [name, value] : constants)
    source.parameters.push_back(
        {nb::cast<std::string>(name), "", literalOf(value)});
  return source;
}

static bool isBinary(const std::string &stage) {
  return stage == "obj" || stage == "so" || stage == "spirv";
}

/// Text, or bytes for the stages that are none.
static nb::object stageObject(const std::string &stage,
                              const std::string &text) {
  if (isBinary(stage))
    return nb::bytes(text.data(), text.size());
  return nb::steal(
      PyUnicode_DecodeUTF8(text.data(), Py_ssize_t(text.size()), "replace"));
}

static Compiled compileSource(const Source &source,
                              const std::vector<std::string> &stages) {
  std::variant<Compiled, Failure> result;
  {
    nb::gil_scoped_release unlocked;
    result = compile(source, stages);
  }
  if (auto *failure = std::get_if<Failure>(&result))
    raise(*failure);
  return std::move(std::get<Compiled>(result));
}

static nb::object stageOf(const Source &source, const std::string &stage) {
  std::variant<std::string, Failure> result;
  {
    nb::gil_scoped_release unlocked;
    result = compileToStage(source, stage);
  }
  if (auto *failure = std::get_if<Failure>(&result))
    raise(*failure);
  return stageObject(stage, std::get<std::string>(result));
}

static PyObject *addError(nb::module_ &module, const char *name,
                          nb::handle base, const char *doc) {
  PyObject *error = PyErr_NewExceptionWithDoc(
      (std::string("tegula.") + name).c_str(), doc, base.ptr(), nullptr);
  if (!error)
    throw nb::python_error();
  module.attr(name) = nb::handle(error);
  return error;
}

static void addErrors(nb::module_ &module) {
  Errors &errors = Errors::get();
  errors.compile =
      addError(module, "CompileError", PyExc_RuntimeError,
               "A kernel can't be compiled; the text has the place and the "
               "source line.");
  errors.unavailable = addError(module, "TargetUnavailable", errors.compile,
                                "The target exists, but not on this machine.");
  errors.launch = addError(module, "LaunchError", PyExc_RuntimeError,
                           "A compiled kernel can't be loaded or launched.");
  // Triton's interpreter raises the one, devices the other.
  nb::tuple bases = nb::make_tuple(nb::handle(PyExc_AssertionError),
                                   nb::handle(PyExc_RuntimeError));
  errors.assertion = addError(module, "AssertionFailed", bases,
                              "A device_assert of a kernel failed.");
}

NB_MODULE(_tegula, module) {
  module.doc() = "The compiler and the runtime behind the package tegula.";
  addErrors(module);
  // Compiled kernels live as long as the functions that hold them, which is
  // often the end of the process.
  nb::set_leak_warnings(false);

  nb::class_<Source>(module, "Source", "What is to be compiled, and for what.")
      .def(
          "__init__",
          [](Source *self, std::string text, std::string path, std::string kind,
             std::string kernel, nb::dict types, nb::dict constants,
             std::string target, bool mustRun) {
            new (self) Source(makeSource(text, path, kind, kernel, types,
                                         constants, target, mustRun));
          },
          "text"_a, "path"_a, "kind"_a, "kernel"_a = "", "types"_a = nb::dict(),
          "constants"_a = nb::dict(), "target"_a = "", "must_run"_a = true)
      .def("stage", &stageOf, "stage"_a,
           "One stage on the road to machine code; this compiles anew.");

  nb::class_<Compiled>(module, "Compiled", "A compiled kernel.")
      .def_ro("name", &Compiled::name)
      .def_ro("target", &Compiled::target)
      .def_ro("metadata", &Compiled::metadata, "A JSON object.")
      .def_ro("remarks", &Compiled::remarks)
      .def_ro("cached", &Compiled::cached)
      .def_prop_ro("code",
                   [](const Compiled &self) {
                     return nb::bytes(self.bytes.data(), self.bytes.size());
                   })
      .def_prop_ro("stages", [](const Compiled &self) {
        nb::dict stages;
        for (const auto &[stage, text] : self.stages)
          stages[stage.c_str()] = stageObject(stage, text);
        return stages;
      });

  module.def("compile", &compileSource, "source"_a,
             "stages"_a = std::vector<std::string>(),
             "Compiles for the source's target. With `stages` their texts are "
             "kept, and no cache is asked.");

  nb::class_<Kernel>(module, "Kernel", "A kernel that is ready to run.")
      .def(
          "__init__",
          [](Kernel *self, nb::bytes code, const std::string &metadata) {
            new (self) Kernel(std::string(code.c_str(), code.size()), metadata);
          },
          "code"_a, "metadata"_a)
      .def_prop_ro("name", &Kernel::name)
      .def_prop_ro("arguments", &Kernel::arguments)
      .def("launch", &Kernel::launch, "grid"_a, "values"_a,
           "extents"_a = std::vector<uint64_t>(), "threads"_a = 0);

  nb::class_<Launcher>(module, "Launcher",
                       "Launches a kernel as stock Triton asks for it.")
      .def(nb::init<std::string, nb::sequence, std::vector<bool>, bool,
                    nb::object>(),
           "metadata"_a, "signature"_a, "is_constant"_a, "asks_for_aliases"_a,
           "origin"_a)
      .def("__call__", &Launcher::operator());

  module.def("host_processor", &hostProcessor);
  module.def("build_id", &buildId);
}
