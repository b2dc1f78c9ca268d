# Finds LLVM and MLIR 22.1 as Debian packages them, and says what to do when
# they are missing.
list(PREPEND CMAKE_PREFIX_PATH /usr/lib/llvm-22)

# Debian's MLIRConfig.cmake does not export this switch; without it the static
# archives and the shared library are both linked and options register twice.
set(MLIR_LINK_MLIR_DYLIB ON)
set(LLVM_LINK_LLVM_DYLIB ON)

# The exact major.minor is wanted by LLVM's version file: "22" is refused.
find_package(MLIR 22.1 CONFIG QUIET)
if(NOT MLIR_FOUND)
  message(FATAL_ERROR
    "LLVM/MLIR 22.1 was not found. On Debian 12: run ./bootstrap, or install "
    "the packages of cmake/apt-packages.txt; elsewhere pass "
    "-DCMAKE_PREFIX_PATH=<LLVM 22.1 install>.")
endif()
find_package(LLD CONFIG QUIET HINTS /usr/lib/llvm-22)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(WARNING "Tegula is built and tested with clang 22; this is "
                  "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}.")
endif()

list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

find_program(TEGULA_LIT NAMES lit llvm-lit PATHS /usr/lib/llvm-22/bin
             /usr/lib/llvm-22/build/utils/lit NO_DEFAULT_PATH)
