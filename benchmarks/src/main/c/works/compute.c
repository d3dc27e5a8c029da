/* Computing without a system call: registers, branches, and a table that fits the second-level cache. */
#include "works.h"

#define TABLE 16384

static void compute(long count) {
  static unsigned table[TABLE];
  unsigned long x = 88172645463325252ul;
  for (long i = 0; i < count; i++)
    for (int j = 0; j < 100; j++) {
      x ^= x << 13, x ^= x >> 7, x ^= x << 17; /* Marsaglia, "Xorshift RNGs" */
      table[x % TABLE] += x >> 40 & 1 ? (unsigned)x : (unsigned)j;
    }
}
WORK(compute, .turn = compute)
