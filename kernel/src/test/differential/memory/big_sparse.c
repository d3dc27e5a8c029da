/* A 1 GiB sparse map, thousands of small maps, 2 MiB aligned maps, and a hugetlb request. */
#include "difftest.h"

int main(void) {
  dt_start(30);
  dt_catch_faults();
  const size_t gib = 1ul << 30;
  char *p = mmap(NULL, gib, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  IS(p != MAP_FAILED);
  for (size_t i = 0; i < gib; i += 16 << 20) p[i] = (char)(i >> 24);
  int wrong = 0;
  for (size_t i = 0; i < gib; i += 16 << 20) wrong += p[i] != (char)(i >> 24) || p[i + 4096] != 0;
  printf("wrong %d\n", wrong);
  IS(mprotect(p + (512 << 20), 256 << 20, PROT_READ) == 0);
  FAULT("write in the read-only part", p + (600ul << 20), p[600ul << 20] = 1);
  IS(madvise(p, gib, MADV_DONTNEED) == 0);
  IS(p[16 << 20] == 0 && p[600ul << 20] == 0);
  IS(munmap(p + 4096, gib - 8192) == 0);
  FAULT("first page", p, p[0] = 1);
  FAULT("second page", p + 4096, p[4096] = 1);
  FAULT("last page", p, p[gib - 1] = 1);
  munmap(p, gib);
  char *none = mmap(NULL, 64 * gib, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  IS(none != MAP_FAILED);
  IS(mprotect(none + 32 * gib, 4096, PROT_READ | PROT_WRITE) == 0);
  FAULT("island", none, none[32 * gib] = 1);
  FAULT("sea", none + 33 * gib, none[33 * gib] = 1);
  munmap(none, 64 * gib);
  enum { N = 300 };
  char *many = mmap(NULL, N * 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < N; i++) many[i * 8192] = (char)i;
  for (int i = 0; i < N; i++) munmap(many + i * 8192 + 4096, 4096);
  wrong = 0;
  for (int i = 0; i < N; i++) wrong += many[i * 8192] != (char)i;
  printf("islands wrong %d\n", wrong);
  FAULT("between islands", many + 4096, many[4096] = 1);
  IS(munmap(many, N * 8192) == 0);
  size_t huge = 2 << 20;
  char *h = mmap(NULL, 4 * huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *aligned = (char *)(((uintptr_t)h + huge - 1) & ~(huge - 1));
  OK(madvise(aligned, 2 * huge, MADV_HUGEPAGE));
  memset(aligned, 9, 2 * huge);
  IS(mprotect(aligned + 4096, 4096, PROT_READ) == 0);
  FAULT("one page in a large one", aligned + 5000, aligned[5000] = 1);
  FAULT("its neighbour", aligned, aligned[8192] = 1);
  pid_t pid = fork();
  if (pid == 0) {
    aligned[0] = 1;
    _exit(aligned[huge] == 9 ? 0 : 1);
  }
  dt_reap("child", pid);
  IS(aligned[0] == 9);
  IS(munmap(aligned + huge / 2, 4096) == 0);
  FAULT("hole in a large one", aligned + huge / 2, aligned[huge / 2] = 1);
  IS(aligned[huge / 2 - 1] == 9 && aligned[huge / 2 + 4096] == 9);
  return 0;
}
