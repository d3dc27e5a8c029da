/* What getrusage, wait4 and /proc count: faults, sleeps, the largest size, of threads, of children, across exec. */
#include "difftest.h"

static struct rusage of(int who) {
  struct rusage u;
  memset(&u, 0xee, sizeof u);
  MUST(getrusage(who, &u));
  return u;
}

static long field(const char *path, const char *name) {
  char line[256];
  long value = -1;
  FILE *f = fopen(path, "r");
  while (f && fgets(line, sizeof line, f))
    if (strncmp(line, name, strlen(name)) == 0) value = atol(line + strlen(name) + 1);
  if (f) fclose(f);
  return value;
}

static long stat_field(int n) {
  char buf[1024];
  int fd = open("/proc/self/stat", O_RDONLY);
  buf[read(fd, buf, sizeof buf - 1)] = 0;
  close(fd);
  char *p = strrchr(buf, ')') + 2;
  for (int i = 3; i < n; i++) p = strchr(p, ' ') + 1;
  return atol(p);
}

static void touch(long pages) {
  char *p = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(p, pages * 4096, MADV_NOHUGEPAGE);
  for (long i = 0; i < pages; i++) p[i * 4096] = 1;
  munmap(p, pages * 4096);
}

static void *sleeps(void *arg) {
  (void)arg;
  struct rusage before = of(RUSAGE_THREAD), after;
  for (int i = 0; i < 10; i++) dt_sleep_ms(2);
  after = of(RUSAGE_THREAD);
  IS_AS("thread sleeps", after.ru_nvcsw - before.ru_nvcsw >= 10 && after.ru_nvcsw - before.ru_nvcsw < 40);
  return NULL;
}

int main(int argc, char **argv) {
  dt_start(20);
  if (argc > 1) {
    IS_AS("size before exec counts", of(RUSAGE_SELF).ru_maxrss >= 20 << 10);
    IS_AS("VmHWM does not", field("/proc/self/status", "VmHWM:") < 20 << 10);
    return 0;
  }
  struct rusage before = of(RUSAGE_SELF), after;
  touch(100);
  after = of(RUSAGE_SELF);
  long faults = after.ru_minflt - before.ru_minflt;
  IS(faults >= 100 && faults < 200);
  IS(stat_field(10) >= after.ru_minflt);
  IS(after.ru_ixrss == 0 && after.ru_idrss == 0 && after.ru_nswap == 0 && after.ru_nsignals == 0);
  long peak = after.ru_maxrss;
  touch(4096);
  IS(of(RUSAGE_SELF).ru_maxrss >= peak + (13 << 10) && of(RUSAGE_SELF).ru_maxrss < peak + (40 << 10));
  IS(field("/proc/self/status", "VmHWM:") >= 16 << 10);
  IS(field("/proc/self/status", "VmHWM:") >= field("/proc/self/status", "VmRSS:"));
  IS(field("/proc/self/status", "VmRSS:") < 12 << 10);
  long switches = field("/proc/self/status", "voluntary_ctxt_switches:");
  for (int i = 0; i < 10; i++) dt_sleep_ms(2);
  IS(field("/proc/self/status", "voluntary_ctxt_switches:") >= switches + 10);
  IS(field("/proc/self/status", "nonvoluntary_ctxt_switches:") >= 0);
  pthread_t t;
  pthread_create(&t, NULL, sleeps, NULL);
  pthread_join(t, NULL);
  IS(of(RUSAGE_SELF).ru_nvcsw >= 20);
  IS(of(RUSAGE_CHILDREN).ru_maxrss == 0 && of(RUSAGE_CHILDREN).ru_minflt == 0);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    touch(8192);
    for (int i = 0; i < 5; i++) dt_sleep_ms(1);
    execl(argv[0], argv[0], "execed", NULL);
    _exit(1);
  }
  int status;
  struct rusage child;
  IS(wait4(pid, &status, 0, &child) == pid);
  IS(child.ru_maxrss >= 32 << 10 && child.ru_maxrss < 60 << 10);
  IS(child.ru_minflt >= 8192 && child.ru_nvcsw >= 5);
  IS(of(RUSAGE_CHILDREN).ru_maxrss == child.ru_maxrss && of(RUSAGE_CHILDREN).ru_minflt == child.ru_minflt);
  IS(stat_field(11) == child.ru_minflt);
  pid = fork();
  if (pid == 0) _exit(0);
  siginfo_t info;
  struct rusage second;
  RAW(raw5(SYS_waitid, P_PID, pid, &info, WEXITED | WNOWAIT, &second));
  IS(second.ru_maxrss > 0 && second.ru_maxrss < 32 << 10);
  IS(of(RUSAGE_CHILDREN).ru_minflt == child.ru_minflt);
  IS(wait4(pid, &status, 0, &second) == pid);
  IS(of(RUSAGE_CHILDREN).ru_maxrss == child.ru_maxrss);
  IS(of(RUSAGE_CHILDREN).ru_minflt == child.ru_minflt + second.ru_minflt);
  SHOW(getrusage(2, &child));
  SHOW(getrusage(-2, &child));
  SHOW(getrusage(RUSAGE_SELF, (void *)8));
  return 0;
}
