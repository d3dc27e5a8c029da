/* madvise: DONTNEED on each kind of map, FREE, REMOVE, DONTFORK, WIPEONFORK, POPULATE, errors; mincore; mlock. */
#include "difftest.h"
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

int main(void) {
  dt_start(20);
  dt_catch_faults();
  const int rw = PROT_READ | PROT_WRITE;
  char *p = mmap(NULL, 4 * 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 1, 4 * 4096);
  SHOW(madvise(p + 4096, 4096, MADV_DONTNEED));
  IS(p[0] == 1 && dt_all(p + 4096, 0, 4096) && p[8192] == 1);
  p[4096] = 2;
  IS(p[4096] == 2);
  char *s = mmap(NULL, 4096, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  s[0] = 7;
  SHOW(madvise(s, 4096, MADV_DONTNEED));
  IS(s[0] == 7);
  SHOW(madvise(s, 4096, MADV_REMOVE));
  IS(s[0] == 0);
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
  MUST(write(fd, "contents", 8));
  char *f = mmap(NULL, 4096, rw, MAP_PRIVATE, fd, 0);
  f[0] = 'C';
  SHOW(madvise(f, 4096, MADV_DONTNEED));
  printf("private file map after DONTNEED: %c\n", f[0]);
  SHOW(madvise(p, 4096, MADV_NORMAL));
  SHOW(madvise(p, 4096, MADV_RANDOM));
  SHOW(madvise(p, 4096, MADV_SEQUENTIAL));
  SHOW(madvise(p, 4096, MADV_WILLNEED));
  SHOW(madvise(p, 4096, MADV_DONTDUMP));
  SHOW(madvise(p, 4096, 12345));
  SHOW(madvise(p + 1, 4096, MADV_DONTNEED));
  SHOW(madvise(p, 0, MADV_DONTNEED));
  SHOW(madvise(p, SIZE_MAX, MADV_DONTNEED));
  SHOW(madvise((void *)0x10000, 4096, MADV_DONTNEED));
  munmap(p + 8192, 4096);
  memset(p, 3, 8192);
  memset(p + 3 * 4096, 3, 4096);
  SHOW(madvise(p, 4 * 4096, MADV_DONTNEED));
  IS(dt_all(p, 0, 8192) && dt_all(p + 3 * 4096, 0, 4096));
  memset(p, 4, 8192);
  SHOW(madvise(p, 4096, MADV_FREE));
  p[0] = 5;
  IS(p[0] == 5);
  SHOW(madvise(p, 4096, MADV_DONTFORK));
  SHOW(madvise(p + 4096, 4096, MADV_WIPEONFORK));
  pid_t pid = fork();
  if (pid == 0) {
    IS(dt_all(p + 4096, 0, 4096));
    FAULT("DONTFORK in the child", p, (void)*(volatile char *)p);
    _exit(0);
  }
  dt_reap("child", pid);
  IS(p[0] == 5 && p[4096] == 4);
  SHOW(madvise(p, 4096, MADV_DOFORK));
  SHOW(madvise(p + 4096, 4096, MADV_KEEPONFORK));
  SHOW(madvise(s, 4096, MADV_WIPEONFORK));
  char *big = mmap(NULL, 8 * 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned char vec[8] = {0};
  /* One page at a time on every host, whatever it does about huge pages. */
  SHOW(madvise(big, 8 * 4096, MADV_NOHUGEPAGE));
  big[0] = 1;
  big[3 * 4096] = 1;
  SHOW(mincore(big, 8 * 4096, vec));
  for (int i = 0; i < 8; i++) printf("%d", vec[i] & 1);
  printf("\n");
  SHOW(madvise(big, 2 * 4096, MADV_POPULATE_WRITE));
  SHOW(mincore(big, 8 * 4096, vec));
  for (int i = 0; i < 8; i++) printf("%d", vec[i] & 1);
  printf("\n");
  mprotect(big, 4096, PROT_READ);
  SHOW(madvise(big, 4096, MADV_POPULATE_WRITE));
  SHOW(madvise(big, 4096, MADV_POPULATE_READ));
  SHOW(mincore(big + 1, 4096, vec));
  SHOW(mincore(big, 4096, (unsigned char *)8));
  SHOW(mincore((void *)0x10000, 4096, vec));
  SHOW(mlock(big, 4096));
  SHOW(munlock(big, 4096));
  SHOW(mlock((void *)0x10000, 4096));
  SHOW(mlockall(0));
  SHOW(munlockall());
  return 0;
}
