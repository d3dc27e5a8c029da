/* ioprio_get and ioprio_set: classes, levels, whom it concerns, inheritance, what a user may set. */
#include "difftest.h"

#define PRIO(class, data) ((class) << 13 | (data))
#define GET(which, who) RAW(raw2(SYS_ioprio_get, which, who))
#define SET(which, who, prio) RAW(raw3(SYS_ioprio_set, which, who, prio))

static void user(void) {
  MUST(setresuid(1000, 1000, 1000));
  SET(1, 0, PRIO(1, 4));
  SET(1, 0, PRIO(2, 7));
  SET(1, 0, PRIO(3, 0));
  SET(1, getppid(), PRIO(2, 7));
  SET(3, 0, PRIO(2, 6));
  GET(1, 0);
}

int main(void) {
  dt_start(20);
  GET(1, 0);
  GET(1, 4000000);
  GET(2, 4000000);
  GET(3, 54321);
  GET(0, 0);
  GET(4, 0);
  SET(0, 0, PRIO(2, 0));
  SET(1, 4000000, PRIO(2, 0));
  SET(1, 0, PRIO(0, 0));
  SET(1, 0, PRIO(0, 1));
  SET(1, 0, PRIO(2, 3));
  GET(1, 0);
  SET(1, 0, PRIO(1, 0));
  GET(1, 0);
  SET(1, 0, PRIO(4, 0));
  SET(1, 0, PRIO(7, 0));
  SET(1, 0, -1);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    GET(1, 0);
    SET(1, 0, PRIO(3, 0));
    GET(1, 0);
    GET(1, getppid());
    _exit(0);
  }
  dt_reap("child", pid);
  SET(1, 0, PRIO(2, 5));
  GET(1, getpid());
  SET(1, 0, 0);
  GET(1, 0);
  dt_in_child("user", user);
  return 0;
}
