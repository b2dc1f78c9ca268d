#include <stdio.h>
#include <tegula/runtime.h>

int main(int argc, char **argv) {
  static float x[1000];
  char message[1024];
  tegula_module *scale;
  if (argc != 2 || tegula_module_open(argv[1], &scale, message, sizeof message))
    return fprintf(stderr, "%s\n", message), 1;
  for (int i = 0; i < 1000; ++i)
    x[i] = (float)i;
  uint64_t slots[3];
  uint32_t grid[3] = {16, 1, 1};
  if (tegula_pack_pointer(scale, 0, x, &slots[0], message, sizeof message) ||
      tegula_pack_float(scale, 1, 2, &slots[1], message, sizeof message) ||
      tegula_pack_int(scale, 2, 1000, &slots[2], message, sizeof message) ||
      tegula_launch(scale, grid, slots, 3, NULL, message, sizeof message))
    return fprintf(stderr, "%s\n", message), 1;
  int right = 0;
  for (int i = 0; i < 1000; ++i)
    right += x[i] == 2 * (float)i;
  printf("%s: %d elements are right\n", tegula_module_name(scale), right);
  tegula_module_unload(scale);
  return 0;
}
