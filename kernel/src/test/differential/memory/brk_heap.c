/* brk: grows, shrinks, gives zeros back, refuses what collides or is over the limit. */
#include "difftest.h"

static char *kernel_brk(void *to) { return (char *)raw1(SYS_brk, to); }

int main(void) {
  dt_start(20);
  dt_catch_faults();
  char *start = kernel_brk(NULL);
  IS(kernel_brk(NULL) == start);
  char *base = (char *)(((uintptr_t)start + 4095) & ~4095ul);
  IS(kernel_brk(base + 5 * 4096) == base + 5 * 4096);
  FAULT("inside", base, memset(base, 3, 5 * 4096));
  FAULT("at the end", base + 5 * 4096, base[5 * 4096] = 1);
  IS(kernel_brk(base + 2 * 4096 + 17) == base + 2 * 4096 + 17);
  FAULT("rest of the last page", base, base[2 * 4096 + 4000] = 1);
  FAULT("released", base + 3 * 4096, base[3 * 4096] = 1);
  IS(kernel_brk(base + 5 * 4096) == base + 5 * 4096);
  IS(dt_all(base, 3, 2 * 4096));
  IS(dt_all(base + 3 * 4096, 0, 2 * 4096));
  IS(kernel_brk((char *)1) == base + 5 * 4096);
  IS(kernel_brk((char *)0x7ffffffff000) == base + 5 * 4096);
  IS(kernel_brk((char *)-1) == base + 5 * 4096);
  char *wall = mmap(base + 8 * 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  IS(wall == base + 8 * 4096);
  IS(kernel_brk(base + 9 * 4096) == base + 5 * 4096);
  IS(kernel_brk(base + 7 * 4096) == base + 7 * 4096);
  munmap(wall, 4096);
  IS(kernel_brk(base + 9 * 4096) == base + 9 * 4096);
  pid_t pid = fork();
  if (pid == 0) {
    bool ok = kernel_brk(NULL) == base + 9 * 4096 && base[0] == 3;
    base[0] = 4;
    kernel_brk(base + 20 * 4096);
    _exit(ok ? 0 : 1);
  }
  dt_reap("child", pid);
  IS(kernel_brk(NULL) == base + 9 * 4096 && base[0] == 3);
  struct rlimit limit = {64 * 1024, RLIM_INFINITY};
  setrlimit(RLIMIT_DATA, &limit);
  char *now = kernel_brk(NULL);
  IS(kernel_brk(base + (16 << 20)) == now);
  OK(mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  OK(mmap(NULL, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  setrlimit(RLIMIT_DATA, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
  IS(kernel_brk(base) == base);
  FAULT("after shrinking to the start", base + 4096, base[4096] = 1);
  struct rlimit as = {512 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_AS, &as);
  OK(mmap(NULL, 1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  OK(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  return 0;
}
