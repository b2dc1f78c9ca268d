# The options of a build and the flags that every file of ours gets.
option(TEGULA_WERROR "Treat warnings as errors" OFF)
option(TEGULA_PYTHON_PACKAGE "Build the module of frontend/python" OFF)
option(TEGULA_SANITIZE
       "Build with AddressSanitizer and UBSan (wants libclang-rt-22-dev)" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

add_library(tegula_flags INTERFACE)
target_compile_options(tegula_flags INTERFACE
  -Wall -Wextra -Wno-unused-parameter $<$<BOOL:${TEGULA_WERROR}>:-Werror>)
target_include_directories(tegula_flags INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/runtime/include>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}>)
if(TEGULA_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer
                      -fno-sanitize=vptr)
  add_link_options(-fsanitize=address,undefined)
endif()
