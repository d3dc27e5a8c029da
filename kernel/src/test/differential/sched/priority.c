/* getpriority, setpriority and nice: ranges, clamping, whom it concerns, inheritance, what an ordinary user may do. */
#include "difftest.h"

#define GET(which, who) RAW(raw2(SYS_getpriority, which, who))

static void *thread(void *arg) {
  (void)arg;
  GET(PRIO_PROCESS, 0);
  SHOW(setpriority(PRIO_PROCESS, 0, 7));
  GET(PRIO_PROCESS, 0);
  GET(PRIO_PROCESS, getpid());
  return NULL;
}

static void as_user(void) {
  MUST(setresgid(1000, 1000, 1000));
  MUST(setresuid(1000, 1000, 1000));
  GET(PRIO_PROCESS, 0);
  SHOW(setpriority(PRIO_PROCESS, 0, 5));
  SHOW(setpriority(PRIO_PROCESS, 0, 5));
  SHOW(setpriority(PRIO_PROCESS, 0, 4));
  SHOW(setpriority(PRIO_PROCESS, getppid(), 19));
  SHOW(setpriority(PRIO_USER, 1000, 9));
  GET(PRIO_USER, 1000);
  SHOW(nice(-1));
  SHOW(nice(100));
  GET(PRIO_PROCESS, 0);
}

int main(void) {
  dt_start(20);
  GET(PRIO_PROCESS, 0);
  GET(PRIO_PROCESS, getpid());
  GET(PRIO_PROCESS, -1);
  GET(PRIO_PROCESS, 4000000);
  GET(PRIO_PGRP, 4000000);
  GET(PRIO_USER, 54321);
  GET(3, 0);
  GET(-1, 0);
  SHOW(setpriority(3, 0, 0));
  SHOW(setpriority(-1, 0, 0));
  SHOW(setpriority(PRIO_PROCESS, 4000000, 0));
  SHOW(setpriority(PRIO_PROCESS, -4, 0));
  SHOW(setpriority(PRIO_PROCESS, 0, 3));
  GET(PRIO_PROCESS, 0);
  SHOW(setpriority(PRIO_PROCESS, 0, 100));
  GET(PRIO_PROCESS, 0);
  SHOW(setpriority(PRIO_PROCESS, 0, -100));
  GET(PRIO_PROCESS, 0);
  SHOW(setpriority(PRIO_PROCESS, 0, 2));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    GET(PRIO_PROCESS, 0);
    setpgid(0, 0);
    SHOW(setpriority(PRIO_PGRP, 0, 6));
    GET(PRIO_PGRP, getpgrp());
    GET(PRIO_PROCESS, getppid());
    fflush(stdout);
    execl("/bin/sh", "sh", "-c", "nice", NULL);
    _exit(1);
  }
  dt_reap("child", pid);
  pthread_t t;
  pthread_create(&t, NULL, thread, NULL);
  pthread_join(t, NULL);
  GET(PRIO_PROCESS, 0);
  SHOW(setpriority(PRIO_PROCESS, 0, 0));
  dt_in_child("user", as_user);
  return 0;
}
