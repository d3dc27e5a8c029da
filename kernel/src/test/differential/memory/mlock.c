/* mlock, mlock2, munlock, mlockall, munlockall: ranges, limits, what /proc shows, what is inherited. */
#include "difftest.h"

static long locked(void) {
  char line[256];
  long kib = -1;
  FILE *f = fopen("/proc/self/status", "r");
  while (f && fgets(line, sizeof line, f)) sscanf(line, "VmLck: %ld", &kib);
  fclose(f);
  return kib;
}

static char *p;

static void limited(void) {
  struct rlimit l = {8 * 4096, 8 * 4096};
  MUST(setrlimit(RLIMIT_MEMLOCK, &l));
  MUST(setresuid(1000, 1000, 1000));
  SHOW(mlock(p, 8 * 4096));
  SHOW(locked());
  SHOW(mlock(p, 8 * 4096));
  SHOW(mlock(p + 4096, 8 * 4096));
  SHOW(munlock(p, 4 * 4096));
  SHOW(mlock(p + 8 * 4096, 4 * 4096));
  SHOW(locked());
  SHOW(mlock(p, 16 * 4096));
  SHOW(mlockall(MCL_CURRENT));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0));
  SHOW(munlockall());
  SHOW(locked());
  SHOW(mlockall(MCL_FUTURE));
  OK(mmap(NULL, 8 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  SHOW(munlockall());
  l.rlim_cur = 0;
  MUST(setrlimit(RLIMIT_MEMLOCK, &l));
  SHOW(mlock(p, 4096));
  SHOW(mlockall(MCL_FUTURE));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0));
  SHOW(munlock(p, 4096));
}

int main(void) {
  dt_start(20);
  unsigned char vec[16];
  p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(locked());
  SHOW(mlock(p, 0));
  SHOW(mlock(p + 1, 1));
  SHOW(locked());
  SHOW(mlock(p + 4095, 2));
  SHOW(locked());
  mincore(p, 4096, vec);
  IS(vec[0] & 1);
  SHOW(mlock(p, 4 * 4096));
  SHOW(locked());
  SHOW(munlock(p + 4096, 4096));
  SHOW(locked());
  SHOW(munlock(p, 16 * 4096));
  SHOW(locked());
  RAW(raw3(SYS_mlock2, p, 4096, 0));
  RAW(raw3(SYS_mlock2, p + 4 * 4096, 2 * 4096, 1));
  RAW(raw3(SYS_mlock2, p, 4096, 2));
  SHOW(locked());
  SHOW(munmap(p + 4 * 4096, 4096));
  SHOW(locked());
  SHOW(mlock(p + 3 * 4096, 3 * 4096));
  SHOW(locked());
  SHOW(munlock(p + 3 * 4096, 3 * 4096));
  SHOW(mlock((void *)-4096L, 8192));
  SHOW(mlock((void *)0x10000, 4096));
  SHOW(munlock((void *)0x10000, 4096));
  SHOW(mlock(p, -1));
  SHOW(munlock(p, -4096));
  SHOW(locked());
  SHOW(mlock(p, 4096));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    SHOW(locked());
    _exit(0);
  }
  dt_reap("child", pid);
  SHOW(madvise(p, 4096, MADV_DONTNEED));
  SHOW(madvise(p, 4096, MADV_DONTNEED_LOCKED));
  SHOW(msync(p, 4096, MS_INVALIDATE));
  char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(mlock(none, 4096));
  SHOW(munlock(none, 4096));
  SHOW(mlockall(0));
  SHOW(mlockall(8));
  SHOW(mlockall(MCL_ONFAULT));
  SHOW(mlockall(MCL_FUTURE));
  char *q = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(locked());
  mincore(q, 4 * 4096, vec);
  IS(vec[0] & vec[1] & vec[2] & vec[3] & 1);
  SHOW(munlockall());
  SHOW(locked());
  SHOW(mlockall(MCL_CURRENT | MCL_ONFAULT));
  IS(locked() > 0);
  SHOW(munlockall());
  SHOW(locked());
  dt_in_child("limited", limited);
  return 0;
}
