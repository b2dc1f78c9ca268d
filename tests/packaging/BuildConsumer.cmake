# Run by ctest: install, configure, build, run; any failure ends it.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result
                  OUTPUT_VARIABLE output ERROR_VARIABLE output
                  WORKING_DIRECTORY ${WORK})
  if(NOT result EQUAL 0)
    string(REPLACE ";" " " command "${ARGV}")
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component runtime
    --prefix ${WORK}/installed)
# The archive and the library must work wherever the folder is moved.
file(RENAME ${WORK}/installed ${WORK}/prefix)
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE} -B ${WORK}/build
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_C_COMPILER=${C_COMPILER}
    -DCMAKE_CXX_COMPILER=${CXX_COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
foreach(program use_c use_cpp use_static)
  run(${WORK}/build/${program} ${WORK}/build/scale.so)
  if(NOT output STREQUAL "scale: 1000 elements are right\n")
    message(FATAL_ERROR "${program} printed: ${output}")
  endif()
endforeach()

# The README's example, as it stands.
run(${PYTHON} ${README_SCRIPT} --files ${WORK})
run(${BUILD}/bin/tegula compile add.py "x_ptr=*f32" "y_ptr=*f32" "out_ptr=*f32"
    n=i32 BLOCK=256 --target cpu -o add.so)
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${WORK} -B ${WORK}/readme
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${CXX_COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/readme)
run(${WORK}/readme/adding)
if(NOT output STREQUAL "3 3\n")
  message(FATAL_ERROR "The README's program printed: ${output}")
endif()

# Nobody's own symbols may meet ours: C names only.
file(GLOB library ${WORK}/prefix/lib*/libtegula-runtime.so
                  ${WORK}/prefix/lib/*/libtegula-runtime.so)
run(nm -D --defined-only ${library})
string(REGEX REPLACE "[0-9a-f]+ [A-Za-z] " "" names "${output}")
string(REGEX REPLACE "tegula_[a-z_]+\n" "" foreign "${names}")
if(NOT foreign STREQUAL "" OR NOT names MATCHES "tegula_launch")
  message(FATAL_ERROR "${library} exports:\n${output}")
endif()
run(ldd ${library})
if(output MATCHES "LLVM|MLIR|libomp|not found")
  message(FATAL_ERROR "${library} needs:\n${output}")
endif()
