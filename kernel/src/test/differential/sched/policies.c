/* sched_setscheduler, sched_setparam, sched_setattr and what they refuse; ranges; inheritance; ordinary users. */
#include "difftest.h"

struct attr {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t util_min, util_max;
};

static long set(pid_t pid, int policy, int priority) {
  return raw3(SYS_sched_setscheduler, pid, policy, (&(struct sched_param){priority}));
}

static void now(const char *label) {
  struct sched_param p = {-1};
  long policy = raw1(SYS_sched_getscheduler, 0);
  long r = raw2(SYS_sched_getparam, 0, &p);
  printf("%s: policy %#lx priority %d (%ld) nice %d\n", label, policy, p.sched_priority, r, getpriority(PRIO_PROCESS, 0));
}

static long attr_set(struct attr a) { return raw3(SYS_sched_setattr, 0, &a, 0); }

static void attr_show(const char *label) {
  struct attr a;
  memset(&a, 0xee, sizeof a);
  long r = raw4(SYS_sched_getattr, 0, &a, sizeof a, 0);
  printf("%s: %ld size %u policy %u flags %#llx nice %d priority %u\n", label, r, a.size, a.policy,
         (unsigned long long)(a.flags & 1), a.nice, a.priority);
}

static void user(void) {
  MUST(setresuid(1000, 1000, 1000));
  RAW(set(0, SCHED_FIFO, 1));
  RAW(set(0, SCHED_BATCH, 0));
  RAW(set(0, SCHED_OTHER, 0));
  RAW(set(0, SCHED_IDLE, 0));
  RAW(set(0, SCHED_OTHER, 0));
  RAW(set(getppid(), SCHED_OTHER, 0));
  RAW(set(0, SCHED_IDLE | SCHED_RESET_ON_FORK, 0));
  RAW(set(0, SCHED_IDLE, 0));
  now("user");
}

int main(void) {
  dt_start(20);
  for (int p = -1; p < 9; p++) {
    printf("%d: max %ld min %ld\n", p, raw1(SYS_sched_get_priority_max, p), raw1(SYS_sched_get_priority_min, p));
  }
  now("at first");
  RAW(set(0, SCHED_OTHER, 1));
  RAW(set(0, SCHED_FIFO, 0));
  RAW(set(0, SCHED_FIFO, 100));
  RAW(set(0, SCHED_FIFO, -1));
  RAW(set(0, 4, 0));
  RAW(set(0, 99, 0));
  RAW(set(0, -1, 0));
  RAW(set(-1, SCHED_OTHER, 0));
  RAW(set(4000000, SCHED_OTHER, 0));
  RAW(raw3(SYS_sched_setscheduler, 0, SCHED_OTHER, 0));
  RAW(raw3(SYS_sched_setscheduler, 0, SCHED_OTHER, 8));
  RAW(raw2(SYS_sched_setparam, 0, 0));
  RAW(raw2(SYS_sched_setparam, 0, 8));
  RAW(raw2(SYS_sched_getparam, 0, 0));
  RAW(raw2(SYS_sched_getparam, 0, 8));
  RAW(raw2(SYS_sched_getparam, -1, &(struct sched_param){0}));
  RAW(raw2(SYS_sched_getparam, 4000000, &(struct sched_param){0}));
  RAW(raw1(SYS_sched_getscheduler, -1));
  RAW(raw1(SYS_sched_getscheduler, 4000000));
  RAW(set(0, SCHED_BATCH, 0));
  now("batch");
  RAW(set(0, SCHED_IDLE, 0));
  now("idle");
  RAW(raw2(SYS_sched_setparam, 0, (&(struct sched_param){1})));
  RAW(raw2(SYS_sched_setparam, 0, (&(struct sched_param){0})));
  RAW(set(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
  now("reset on fork");
  setpriority(PRIO_PROCESS, 0, -5);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    now("child");
    _exit(0);
  }
  dt_reap("child", pid);
  setpriority(PRIO_PROCESS, 0, 0);
  RAW(set(0, SCHED_BATCH, 0));
  fflush(stdout);
  pid = fork();
  if (pid == 0) {
    now("child");
    _exit(0);
  }
  dt_reap("child", pid);
  RAW(set(0, SCHED_OTHER, 0));

  struct timespec t;
  RAW(raw2(SYS_sched_rr_get_interval, -1, &t));
  RAW(raw2(SYS_sched_rr_get_interval, 4000000, &t));
  RAW(raw2(SYS_sched_rr_get_interval, 0, 8));
  RAW(raw2(SYS_sched_rr_get_interval, 0, &t));
  IS(t.tv_sec == 0 && t.tv_nsec < 200000000);

  attr_show("attr");
  RAW(attr_set((struct attr){.size = 48, .policy = SCHED_BATCH, .nice = 4}));
  attr_show("batch");
  RAW(attr_set((struct attr){.size = 0, .policy = SCHED_OTHER, .nice = 1}));
  attr_show("size 0");
  RAW(attr_set((struct attr){.size = 48, .policy = SCHED_OTHER, .nice = 100}));
  attr_show("clamped");
  RAW(attr_set((struct attr){.size = 48, .policy = SCHED_OTHER, .flags = 1, .nice = 0}));
  attr_show("reset");
  RAW(attr_set((struct attr){.size = 48, .policy = SCHED_OTHER}));
  RAW(attr_set((struct attr){.size = 48, .policy = SCHED_OTHER, .flags = 1 << 20}));
  RAW(attr_set((struct attr){.size = 48, .policy = SCHED_OTHER, .priority = 3}));
  RAW(attr_set((struct attr){.size = 48, .policy = -1}));
  RAW(attr_set((struct attr){.size = 48, .policy = 77}));
  RAW(attr_set((struct attr){.size = 48, .flags = 8, .policy = 77, .nice = 2}));
  attr_show("policy kept");
  RAW(attr_set((struct attr){.size = 48, .flags = 16, .policy = SCHED_BATCH, .nice = 9}));
  attr_show("parameters kept");
  RAW(attr_set((struct attr){.size = 48, .policy = SCHED_OTHER}));
  RAW(attr_set((struct attr){.size = 48, .policy = SCHED_DEADLINE}));
  struct attr small = {.size = 20};
  RAW(raw3(SYS_sched_setattr, 0, &small, 0));
  printf("size told %u\n", small.size);
  struct { struct attr a; char more[64]; } big = {.a = {.size = sizeof big}};
  RAW(raw3(SYS_sched_setattr, 0, &big, 0));
  big.more[60] = 1;
  RAW(raw3(SYS_sched_setattr, 0, &big, 0));
  printf("size told %u\n", big.a.size);
  RAW(raw3(SYS_sched_setattr, 0, 0, 0));
  RAW(raw3(SYS_sched_setattr, 0, 8, 0));
  RAW(raw3(SYS_sched_setattr, 0, &small, 1));
  RAW(raw3(SYS_sched_setattr, -1, &small, 0));
  RAW(raw4(SYS_sched_getattr, 0, &small, 47, 0));
  RAW(raw4(SYS_sched_getattr, 0, &small, 5000, 0));
  RAW(raw4(SYS_sched_getattr, 0, &small, 48, 1));
  RAW(raw4(SYS_sched_getattr, 0, 0, 48, 0));
  RAW(raw4(SYS_sched_getattr, 0, 8, 48, 0));
  RAW(raw4(SYS_sched_getattr, 4000000, &small, 48, 0));
  dt_in_child("user", user);
  return 0;
}
