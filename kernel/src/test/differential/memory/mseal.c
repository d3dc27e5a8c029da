/* mseal: what a sealed mapping refuses and what it still allows. */
#include "difftest.h"

#define MSEAL 462
#define SEAL(p, n) RAW(raw3(MSEAL, p, n, 0))

int main(void) {
  dt_start(10);
  int rw = PROT_READ | PROT_WRITE;
  char *p = mmap(NULL, 8 * 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *ro = mmap(NULL, 4 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 'x', 8 * 4096);
  RAW(raw3(MSEAL, p, 4096, 1));
  RAW(raw3(MSEAL, p + 1, 4096, 0));
  RAW(raw3(MSEAL, p, -1, 0));
  RAW(raw3(MSEAL, p, 0, 0));
  RAW(raw3(MSEAL, 0x10000, 4096, 0));
  SEAL(p + 4096, 4096);
  SEAL(p + 4096, 4096);
  SHOW(munmap(p + 4096, 4096));
  SHOW(munmap(p, 8 * 4096));
  SHOW(mprotect(p + 4096, 4096, PROT_READ));
  SHOW(mprotect(p, 2 * 4096, PROT_READ));
  SHOW(mprotect(p, 4096, rw));
  OK(mremap(p + 4096, 4096, 8192, MREMAP_MAYMOVE));
  OK(mremap(p + 4096, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p + 6 * 4096));
  OK(mremap(p, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p + 4096));
  OK(mmap(p + 4096, 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  OK(mmap(p + 4096, 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
  SHOW(madvise(p + 4096, 4096, MADV_DONTNEED));
  SHOW(madvise(p + 4096, 4096, MADV_NORMAL));
  SEAL(ro, 4096);
  SHOW(madvise(ro, 4096, MADV_DONTNEED));
  SHOW(madvise(ro, 2 * 4096, MADV_DONTNEED));
  SHOW(madvise(ro, 4096, MADV_FREE));
  SHOW(madvise(ro, 4096, MADV_WIPEONFORK));
  SHOW(madvise(ro, 4096, MADV_DONTFORK));
  SHOW(madvise(ro + 4096, 4096, MADV_DONTNEED));
  SHOW(mlock(p + 4096, 4096));
  SHOW(munlock(p + 4096, 4096));
  p[4096] = 'y';
  printf("%c%c\n", p[4096], p[0]);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    SHOW(munmap(p + 4096, 4096));
    p[4096] = 'z';
    _exit(0);
  }
  dt_reap("child", pid);
  SHOW(munmap(p, 4096));
  SHOW(munmap(p + 8192, 4096));
  RAW(raw3(MSEAL, p, 2 * 4096, 0));
  printf("%c\n", p[4096]);
  return 0;
}
