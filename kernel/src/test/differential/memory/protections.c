/* mprotect: every direction takes effect at once, splits, gaps, errors; code that is written, then run. */
#include "difftest.h"

static int call(void *code) { return ((int (*)(void))code)(); }
static const unsigned char returns7[] = {0xb8, 7, 0, 0, 0, 0xc3}, returns9[] = {0xb8, 9, 0, 0, 0, 0xc3};

int main(void) {
  dt_start(20);
  dt_catch_faults();
  char *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 5, 8 * 4096);
  SHOW(mprotect(p, 4096, PROT_READ));
  FAULT("write after RW->R", p, p[0] = 1);
  FAULT("read after RW->R", p, (void)*(volatile char *)p);
  SHOW(mprotect(p, 4096, PROT_NONE));
  FAULT("read after R->none", p + 3, (void)*(volatile char *)(p + 3));
  SHOW(mprotect(p, 4096, PROT_READ | PROT_WRITE));
  FAULT("write after none->RW", p, p[0] = 6);
  IS(p[0] == 6 && p[1] == 5);
  memcpy(p, returns7, sizeof returns7);
  FAULT("execute without X", p, call(p));
  SHOW(mprotect(p, 4096, PROT_READ | PROT_EXEC));
  printf("code returns %d\n", call(p));
  FAULT("write to RX", p, p[0] = 1);
  for (int i = 0; i < 5; i++) {
    mprotect(p, 4096, PROT_READ | PROT_WRITE);
    memcpy(p, i & 1 ? returns7 : returns9, sizeof returns7);
    mprotect(p, 4096, PROT_READ | PROT_EXEC);
    printf("%d ", call(p));
  }
  printf("\n");
  SHOW(mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
  memcpy(p, returns9, sizeof returns9);
  printf("RWX returns %d\n", call(p));
  SHOW(mprotect(p, 4096, PROT_READ));
  FAULT("execute after RX->R", p, call(p));
  SHOW(mprotect(p + 2 * 4096, 2 * 4096, PROT_READ));
  FAULT("page 1", p, p[4096] = 1);
  FAULT("page 2", p + 2 * 4096, p[2 * 4096] = 1);
  FAULT("page 3", p + 3 * 4096 + 9, p[3 * 4096 + 9] = 1);
  FAULT("page 4", p, p[4 * 4096] = 1);
  SHOW(mprotect(p + 1, 4096, PROT_READ));
  SHOW(mprotect(p, 0, PROT_READ));
  SHOW(mprotect(p, SIZE_MAX, PROT_READ));
  SHOW(mprotect((void *)0xffff800000000000, 4096, PROT_READ));
  SHOW(mprotect((void *)0x10000, 4096, PROT_READ));
  SHOW(mprotect(p, 4096, 0x100));
  munmap(p + 5 * 4096, 4096);
  SHOW(mprotect(p + 4 * 4096, 3 * 4096, PROT_READ));
  FAULT("before the gap it was applied", p + 4 * 4096, p[4 * 4096] = 1);
  FAULT("after the gap it was not", p, p[6 * 4096] = 1);
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
  MUST(ftruncate(fd, 4096));
  int rd = MUST(open("file", O_RDONLY));
  char *s = mmap(NULL, 4096, PROT_READ, MAP_SHARED, rd, 0);
  SHOW(mprotect(s, 4096, PROT_READ | PROT_WRITE));
  char *v = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, rd, 0);
  SHOW(mprotect(v, 4096, PROT_READ | PROT_WRITE));
  FAULT("private write", v, v[0] = 'p');
  char c = 'x';
  IS(pread(fd, &c, 1, 0) == 1 && c == 0);
  int pipes[2];
  MUST(pipe(pipes));
  write(pipes[1], "abcd", 4);
  mprotect(p, 4096, PROT_READ);
  SHOW(read(pipes[0], p, 4));
  mprotect(p, 4096, PROT_WRITE);
  FAULT("PROT_WRITE alone may read", p, (void)*(volatile char *)p);
  mprotect(p, 4096, PROT_NONE);
  SHOW(write(pipes[1], p, 4));
  mprotect(p, 4096, PROT_EXEC);
  FAULT("PROT_EXEC alone", p, printf("%d\n", call(p)));
  return 0;
}
