/* Loads compiled CPU kernels and launches them. Links no compiler.
 *
 * Example: y = x + 1 over 1000 elements, with a kernel that `tegula compile
 * kernel.py --emit so -o add.so` made (its metadata lies beside it):
 *
 *   tegula_module *add;
 *   char message[1024];
 *   if (tegula_module_load(bytes, size, json, &add, message, sizeof message))
 *     return puts(message);
 *   uint64_t slots[] = {(uint64_t)x, (uint64_t)y, 1000};
 *   uint32_t grid[] = {4, 1, 1};
 *   if (tegula_launch(add, grid, slots, 3, NULL, message, sizeof message))
 *     return puts(message);
 *   tegula_module_unload(add);
 *
 * Every function may be called from any number of threads at once; only the
 * unloading of a module must not overlap with its launches. `message` may be
 * null; it is always terminated and empty after a success.
 */
#ifndef TEGULA_RUNTIME_H
#define TEGULA_RUNTIME_H

#include "tegula/abi.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library is built with hidden names; these are what it offers. */
#pragma GCC visibility push(default)

typedef enum tegula_status {
  TEGULA_OK = 0,
  /* An argument of the call is wrong: grid, number of slots, null pointer. */
  TEGULA_INVALID_ARGUMENT = 1,
  /* The module can't be loaded: damaged, or made for another version. */
  TEGULA_BAD_MODULE = 2,
  /* A device_assert of the kernel failed. */
  TEGULA_ASSERTION_FAILED = 3,
  /* tegula_interrupt was called while the launch ran. */
  TEGULA_INTERRUPTED = 4,
  TEGULA_OUT_OF_MEMORY = 5,
  /* A device, its driver or its compiler failed, or there is none. */
  TEGULA_DEVICE_FAILED = 6
} tegula_status;

typedef struct tegula_module tegula_module;

/* Loads a shared object from memory. The metadata is a JSON object:
 *   abi          TEGULA_ABI_VERSION of the compiler that made the object
 *   name         the kernel's name
 *   target       what it was compiled for
 *   file, line   where the kernel is defined
 *   args         [{"name": "x", "type": "*f32"}, ...], one for each slot
 *   arena_bytes  scratch memory that each running program needs
 *   cost_ns      estimated time of one program
 *   uses         {"print", "assert", "atomics", "waits", "aliases"}: booleans;
 *                aliases: TEGULA_LAUNCH_NO_ALIAS changes what the kernel does
 *   requires     {"architecture", "features", "vector_bits"}: what the code
 *                needs of the processor, by LLVM's names
 *   variants     [{"target", "arena_bytes", "cost_ns", "requires", "offset",
 *                "bytes"}, ...]: shared objects for several processors, one
 *                behind the other in the artifact, the best first; what
 *                stands here is preferred to the same key above
 * Code that this processor can't run is refused. Only `abi` and `name` are
 * compulsory; unknown keys are ignored. */
tegula_status tegula_module_load(const void *so_bytes, size_t size,
                                 const char *metadata_json, tegula_module **out,
                                 char *message, size_t message_size);

/* The same for a shared object in a file, whose metadata is in a second file of
 * that name with ".json" added: what `tegula compile -o add.so` makes. So
 * debuggers and profilers find the kernel's symbols and lines. */
tegula_status tegula_module_open(const char *path, tegula_module **out,
                                 char *message, size_t message_size);

/* The same for a kernel that is linked into the program already. */
tegula_status tegula_module_from_entry(tegula_entry entry,
                                       const char *metadata_json,
                                       tegula_module **out, char *message,
                                       size_t message_size);

/* Null is allowed. No launch of the module may be running. */
void tegula_module_unload(tegula_module *module);

/* What the metadata says; the strings live as long as the module. The type of
 * an argument that doesn't exist is null. */
const char *tegula_module_name(const tegula_module *module);
size_t tegula_module_num_args(const tegula_module *module);
const char *tegula_module_arg_name(const tegula_module *module, size_t index);
const char *tegula_module_arg_type(const tegula_module *module, size_t index);

/* One argument as its slot, by the type that the metadata gives it; a number
 * that doesn't fit that type is refused. An integer may be given for a float,
 * not the other way round. */
tegula_status tegula_pack_pointer(const tegula_module *module, size_t index,
                                  const void *pointer, uint64_t *slot,
                                  char *message, size_t message_size);
tegula_status tegula_pack_int(const tegula_module *module, size_t index,
                              int64_t value, uint64_t *slot, char *message,
                              size_t message_size);
tegula_status tegula_pack_uint(const tegula_module *module, size_t index,
                               uint64_t value, uint64_t *slot, char *message,
                               size_t message_size);
tegula_status tegula_pack_float(const tegula_module *module, size_t index,
                                double value, uint64_t *slot, char *message,
                                size_t message_size);

/* Everything zero is the usual choice, and so is a null pointer to options. */
typedef struct tegula_launch_options {
  /* 0: TEGULA_NUM_THREADS, else as many as OpenMP would use. */
  uint32_t threads;
  /* tegula_launch_flags that are set or cleared whatever the runtime thinks. */
  uint32_t flags_on, flags_off;
  /* One for each slot, or null: the bytes that the kernel may access from that
   * pointer on; 0 for scalars and where it isn't known. The sum decides on
   * TEGULA_LAUNCH_NONTEMPORAL; where all pointers' are known and disjoint,
   * TEGULA_LAUNCH_NO_ALIAS is set, so a kernel that reaches before its pointer
   * needs 0 here. */
  const uint64_t *extents;
  /* Where device_print goes, whole lines at a time and one call at a time;
   * null: standard output. */
  void (*write)(void *context, const char *text, size_t size);
  void *write_context;
  /* 0: a null pointer among the arguments is refused. 1: the kernel gets it,
   * unless it has an extent; where it is used the process ends. */
  uint32_t allow_null;
} tegula_launch_options;

/* Runs grid[0] * grid[1] * grid[2] programs and waits for them. A grid with a
 * zero runs nothing. Programs start in the order of their linear index (x
 * fastest). After a failed assertion no program beyond the failing one starts,
 * and the failure with the lowest index is the one reported. A launch from
 * within a parallel region or from within another launch runs serially. */
tegula_status tegula_launch(const tegula_module *module, const uint32_t grid[3],
                            const uint64_t *slots, size_t n_slots,
                            const tegula_launch_options *options, char *message,
                            size_t message_size);

/* Stops all launches that are running now: before their next program, and where
 * a program waits for another one. May be called from a signal handler. */
void tegula_interrupt(void);

/* "TEGULA_OK", ... */
const char *tegula_status_name(tegula_status status);

/* "0.1.0" */
const char *tegula_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif /* TEGULA_RUNTIME_H */
