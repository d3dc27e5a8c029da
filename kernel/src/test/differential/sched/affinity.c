/* sched_setaffinity and sched_getaffinity: masks of odd sizes, inheritance, whom it concerns, what /proc shows. */
#include "difftest.h"

static unsigned long mask_of(pid_t pid) {
  unsigned long mask[16] = {0};
  long n = raw3(SYS_sched_getaffinity, pid, sizeof mask, mask);
  return n < 0 ? 0 : mask[0];
}

static void *thread(void *arg) {
  unsigned long one = *(unsigned long *)arg;
  IS(mask_of(0) == one);
  return NULL;
}

static void user(void) {
  MUST(setresuid(1000, 1000, 1000));
  unsigned long one = 1;
  RAW(raw3(SYS_sched_setaffinity, getppid(), 8, &one));
  RAW(raw3(SYS_sched_setaffinity, 0, 8, &one));
}

static bool status_has(const char *field, unsigned long value) {
  char line[256];
  bool found = false;
  FILE *f = fopen("/proc/self/status", "r");
  while (f && fgets(line, sizeof line, f))
    if (strncmp(line, field, strlen(field)) == 0) found = strtoul(line + strlen(field) + 1, NULL, 16) == value;
  fclose(f);
  return found;
}

int main(void) {
  dt_start(20);
  unsigned long all = mask_of(0), one = all & -all, none = 0, mask[16];
  IS(all != 0);
  IS(sysconf(_SC_NPROCESSORS_ONLN) == __builtin_popcountl(all));
  RAW(raw3(SYS_sched_getaffinity, 0, 4, mask));
  RAW(raw3(SYS_sched_getaffinity, 0, 12, mask));
  RAW(raw3(SYS_sched_getaffinity, 0, 0, mask));
  RAW(raw3(SYS_sched_getaffinity, 0, 128, 8));
  RAW(raw3(SYS_sched_getaffinity, 4000000, 128, mask));
  RAW(raw3(SYS_sched_setaffinity, 0, 8, &none));
  RAW(raw3(SYS_sched_setaffinity, 0, 0, &one));
  RAW(raw3(SYS_sched_setaffinity, 0, 8, 8));
  RAW(raw3(SYS_sched_setaffinity, 4000000, 8, &one));
  memset(mask, 0, sizeof mask);
  mask[15] = ~0UL;
  RAW(raw3(SYS_sched_setaffinity, 0, sizeof mask, mask));
  IS(mask_of(0) == all);
  RAW(raw3(SYS_sched_setaffinity, 0, 1, &one));
  IS(mask_of(0) == one);
  IS(status_has("Cpus_allowed:", one));
  unsigned cpu = 99, node = 99;
  RAW(raw3(SYS_getcpu, &cpu, &node, 0));
  IS(1UL << cpu == one && node == 0);
  RAW(raw3(SYS_getcpu, 8, 0, 0));
  RAW(raw3(SYS_getcpu, 0, 0, 0));
  pthread_t t;
  pthread_create(&t, NULL, thread, &one);
  pthread_join(t, NULL);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    IS(mask_of(0) == one);
    IS(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    _exit(0);
  }
  dt_reap("child", pid);
  memset(mask, 0xff, sizeof mask);
  RAW(raw3(SYS_sched_setaffinity, 0, sizeof mask, mask));
  IS(mask_of(0) == all);
  dt_in_child("user", user);
  return 0;
}
