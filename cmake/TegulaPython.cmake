# The one Python of the build's scripts and of the tests: the first of the PATH
# that has NumPy, else Debian's (python3-numpy is made for /usr/bin/python3),
# else any; tests that compare with NumPy are skipped then.
if(NOT DEFINED Python3_EXECUTABLE)
  find_program(TEGULA_PYTHON python3)
  mark_as_advanced(TEGULA_PYTHON)
  foreach(candidate ${TEGULA_PYTHON} /usr/bin/python3)
    execute_process(COMMAND ${candidate} -c "import numpy"
      RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed EQUAL 0)
      set(Python3_EXECUTABLE ${candidate} CACHE FILEPATH "Python with NumPy")
      break()
    endif()
  endforeach()
endif()
find_package(Python3 REQUIRED COMPONENTS Interpreter)
