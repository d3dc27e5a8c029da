/* process_madvise: on oneself and on another, partial ranges, what advice is possible, who may. */
#include "difftest.h"

static long advise(int pidfd, struct iovec *v, long n, int advice, unsigned flags) {
  return raw5(SYS_process_madvise, pidfd, v, n, advice, flags);
}

int main(void) {
  dt_start(20);
  char *p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 'x', 16 * 4096);
  munmap(p + 8 * 4096, 4096);
  int self = MUST(syscall(SYS_pidfd_open, getpid(), 0));
  pid_t pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  int child = MUST(syscall(SYS_pidfd_open, pid, 0));
  struct iovec one = {p, 4096}, two[2] = {{p, 8192}, {p + 4 * 4096, 4096}}, gap[2] = {{p, 8192}, {p + 7 * 4096, 8192}},
    hole = {p + 8 * 4096, 4096}, odd = {p + 1, 4096}, huge = {p, -1UL}, none = {p, 0};
  RAW(advise(self, &one, 1, MADV_COLD, 0));
  RAW(advise(self, two, 2, MADV_PAGEOUT, 0));
  RAW(advise(self, two, 2, MADV_WILLNEED, 0));
  RAW(advise(self, gap, 2, MADV_COLD, 0));
  RAW(advise(self, &hole, 1, MADV_COLD, 0));
  RAW(advise(self, &odd, 1, MADV_COLD, 0));
  RAW(advise(self, &huge, 1, MADV_COLD, 0));
  RAW(advise(self, &none, 1, MADV_COLD, 0));
  RAW(advise(self, NULL, 0, MADV_COLD, 0));
  RAW(advise(self, (void *)8, 1, MADV_COLD, 0));
  RAW(advise(self, &one, 2000, MADV_COLD, 0));
  RAW(advise(self, &one, 1, 999, 0));
  RAW(advise(self, &one, 1, MADV_COLD, 1));
  RAW(advise(-1, &one, 1, MADV_COLD, 0));
  RAW(advise(1, &one, 1, MADV_COLD, 0));
  RAW(advise(child, two, 2, MADV_COLD, 0));
  RAW(advise(child, two, 2, MADV_WILLNEED, 0));
  RAW(advise(child, two, 2, MADV_DONTNEED, 0));
  RAW(advise(child, &hole, 1, MADV_COLD, 0));
  IS(p[0] == 'x' && p[4 * 4096] == 'x');
  kill(pid, SIGKILL);
  dt_reap("child", pid);
  RAW(advise(child, two, 2, MADV_COLD, 0));
  return 0;
}
