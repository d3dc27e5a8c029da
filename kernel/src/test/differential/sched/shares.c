/* What priorities, policies and affinity do: who gets how much of a CPU, and where. Counters of the same moment are compared,
 * over bands that hold on a busy machine too. */
#include "difftest.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define ROUNDS 200

static volatile long *counts;

static unsigned long mask_of(void) {
  unsigned long mask[16] = {0};
  return raw3(SYS_sched_getaffinity, 0, sizeof mask, mask) < 0 ? 0 : mask[0];
}

static void bind_to(unsigned long mask) { MUST(raw3(SYS_sched_setaffinity, 0, 8, &mask)); }

static pid_t counter(int which, int nice, int policy) {
  pid_t pid = fork();
  if (pid == 0) {
    MUST(setpriority(PRIO_PROCESS, 0, nice));
    if (policy != SCHED_OTHER) MUST(sched_setscheduler(0, policy, &(struct sched_param){0}));
    while (counts[0] == 0) {}
    for (;;) counts[which]++;
  }
  return pid;
}

static double ratio(int nice1, int policy1, int nice2, int policy2) {
  counts[0] = counts[1] = counts[2] = 0;
  pid_t one = counter(1, nice1, policy1), other = counter(2, nice2, policy2);
  counts[0] = 1;
  while (counts[1] == 0 || counts[2] == 0) usleep(1000);
  long begun1 = counts[1], begun2 = counts[2];
  for (int i = 0; i < ROUNDS; i++) usleep(5000);
  double r = (double)(counts[1] - begun1 + 1) / (counts[2] - begun2 + 1);
  kill(one, SIGKILL);
  kill(other, SIGKILL);
  waitpid(one, NULL, 0);
  waitpid(other, NULL, 0);
  return r;
}

/* The CPU that /proc shows for this process: field 39 of stat. */
static int shown(void) {
  char text[2048];
  FILE *f = fopen("/proc/self/stat", "r");
  size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
  if (f) fclose(f);
  text[n] = 0;
  char *at = strrchr(text, ')');
  for (int field = 2; at && field < 39; field++) at = strchr(at + 1, ' ');
  return at ? atoi(at + 1) : -1;
}

static bool stays_on(int cpu) {
  bool all = true;
  bind_to(1UL << cpu);
  for (int i = 0; i < ROUNDS; i++) {
    unsigned now = 99;
    MUST(raw3(SYS_getcpu, &now, 0, 0));
    all = all && now == (unsigned)cpu && sched_getcpu() == cpu && shown() == cpu;
    if (i % 10 == 0) usleep(100);
  }
  return all;
}

struct place {
  int cpu;
  bool kept;
};

static void *keeps(void *arg) {
  struct place *place = arg;
  place->kept = stays_on(place->cpu);
  return NULL;
}

int main(void) {
  dt_start(60);
  counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  unsigned long all = mask_of();
  int low = __builtin_ctzl(all), high = 63 - __builtin_clzl(all);
  IS(stays_on(low));
  IS(stays_on(high));
  bind_to(all);
  pid_t busy[4];
  for (int i = 0; i < 4; i++) {
    busy[i] = fork();
    if (busy[i] == 0)
      for (;;) counts[3]++;
  }
  IS(stays_on(high));
  IS(stays_on(low));
  struct place here = {low, false}, there = {high, false};
  pthread_t t;
  pthread_create(&t, NULL, keeps, &there);
  keeps(&here);
  pthread_join(t, NULL);
  dt_truth("two threads on their CPUs", here.kept && there.kept);
  for (int i = 0; i < 4; i++) {
    kill(busy[i], SIGKILL);
    waitpid(busy[i], NULL, 0);
  }
  bind_to(1UL << low);
  double even = ratio(0, SCHED_OTHER, 0, SCHED_OTHER);
  dt_truth("equals get about the same", even > 0.3 && even < 3);
  double nice = ratio(0, SCHED_OTHER, 19, SCHED_OTHER);
  dt_truth("nice 19 gets little", nice > 10);
  double step = ratio(5, SCHED_OTHER, 10, SCHED_OTHER);
  dt_truth("five steps are about three times as much", step > 1.3 && step < 8);
  double idle = ratio(0, SCHED_OTHER, 0, SCHED_IDLE);
  dt_truth("SCHED_IDLE gets next to nothing", idle > 20);
  return 0;
}
