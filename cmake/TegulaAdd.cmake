# tegula_add_library(NAME [LINK lib...])        every .cpp of the folder, compiler code (MLIR)
# tegula_add_runtime_library(NAME [LINK lib...]) every .cpp of the folder, no LLVM
# tegula_add_tool(NAME SOURCE file [LINK lib...])
# tegula_add_tablegen(NAME FILE file.td OUTPUTS "flag>output"...)
# tegula_add_unit_test(NAME [LINK lib...])      every .cpp of the folder's tests/, doctest

# One precompiled header for all compiler code: an MLIR file costs 8 s to
# compile without it and 3.5 s with it.
add_library(tegula_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/Pch.cpp)
target_link_libraries(tegula_pch PRIVATE tegula_flags)
target_include_directories(tegula_pch SYSTEM PRIVATE
  ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_compile_options(tegula_pch PRIVATE -fno-exceptions)
target_precompile_headers(tegula_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/Pch.h)

# All generated headers, so that a library is never compiled before them.
add_custom_target(tegula_generated)

function(tegula_add_tablegen NAME)
  cmake_parse_arguments(ARG "" "FILE" "OUTPUTS" ${ARGN})
  set(LLVM_TARGET_DEFINITIONS ${ARG_FILE})
  foreach(pair IN LISTS ARG_OUTPUTS)
    string(REPLACE ">" ";" pair "${pair}")
    list(GET pair 0 flags)
    list(GET pair 1 output)
    separate_arguments(flags)
    mlir_tablegen(${output} ${flags} EXTRA_INCLUDES
                  ${PROJECT_SOURCE_DIR} ${MLIR_INCLUDE_DIRS})
  endforeach()
  add_public_tablegen_target(${NAME})
  add_dependencies(tegula_generated ${NAME})
endfunction()

function(tegula_compiler_target NAME)
  target_include_directories(${NAME} SYSTEM PRIVATE
    ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_compile_options(${NAME} PRIVATE -fno-exceptions)
  target_precompile_headers(${NAME} REUSE_FROM tegula_pch)
  add_dependencies(${NAME} tegula_generated)
endfunction()

function(tegula_add_library NAME)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  add_library(${NAME} STATIC ${sources})
  target_link_libraries(${NAME} PUBLIC tegula_flags ${ARG_LINK})
  target_link_libraries(${NAME} INTERFACE MLIR LLVM)
  tegula_compiler_target(${NAME})
endfunction()

function(tegula_add_runtime_library NAME)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  add_library(${NAME} STATIC ${sources})
  # Our warnings are not for those who use an installed library.
  target_link_libraries(${NAME}
    PUBLIC $<BUILD_INTERFACE:tegula_flags> ${ARG_LINK})
endfunction()

function(tegula_add_tool NAME)
  cmake_parse_arguments(ARG "" "SOURCE" "LINK" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCE})
  target_link_libraries(${NAME} PRIVATE ${ARG_LINK} MLIR LLVM)
  tegula_compiler_target(${NAME})
  # Executables are compiled as PIE, the precompiled header as PIC.
  set_target_properties(${NAME} PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
endfunction()

# Exceptions stay on in doctest binaries: doctest itself needs them.
function(tegula_add_unit_test NAME)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS tests/*.cpp)
  add_executable(${NAME} ${sources} ${PROJECT_SOURCE_DIR}/tests/unit/Main.cpp)
  target_link_libraries(${NAME} PRIVATE tegula_flags ${ARG_LINK})
  target_include_directories(${NAME} SYSTEM PRIVATE
    ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  add_dependencies(${NAME} tegula_generated)
  set_target_properties(${NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/unit)
  add_test(NAME unit/${NAME} COMMAND ${NAME})
  set_property(GLOBAL APPEND PROPERTY TEGULA_TEST_BINARIES ${NAME})
endfunction()
