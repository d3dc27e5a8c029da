/* setsid, setpgid, getpgid, getsid, kill by group, and their errors. */
#include "difftest.h"

static int gate[2];
static pid_t waiting(void) {
  pid_t pid = fork();
  if (pid == 0) {
    close(gate[1]);
    char c;
    read(gate[0], &c, 1);
    _exit(0);
  }
  return pid;
}

static void as_leader(void) {
  IS(setsid() == getpid());
  IS(getsid(0) == getpid() && getpgrp() == getpid());
  SHOW(setsid());
  SHOW(setpgid(0, 0));
  SHOW(setpgid(0, getppid()));
  SHOW(tcgetpgrp(0));
  pid_t a = waiting(), b = waiting();
  IS(getpgid(a) == getpid() && getsid(a) == getpid());
  SHOW(setpgid(a, 0));
  IS(getpgid(a) == a);
  SHOW(setpgid(b, a));
  IS(getpgid(b) == a);
  SHOW(kill(-a, SIGTERM));
  dt_reap("a", a);
  dt_reap("b", b);
  SHOW(kill(-a, SIGTERM));
  pid_t c = fork();
  if (c == 0) {
    setsid();
    write(gate[1], "s", 1);
    for (;;) pause();
  }
  char ch;
  read(gate[0], &ch, 1);
  SHOW(setpgid(c, 0));
  SHOW(setpgid(c, getpid()));
  IS(getsid(c) == c);
  SHOW(kill(c, SIGKILL));
  dt_reap("c", c);
}

static void after_exec(void) {
  pid_t pid = fork();
  int ready[2];
  MUST(pipe2(ready, O_CLOEXEC));
  (void)ready;
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", "read x", (char *)NULL);
    _exit(99);
  }
  char path[64], target[64] = "";
  snprintf(path, sizeof path, "/proc/%d/comm", pid);
  for (int i = 0; i < 2000; i++) {
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, target, sizeof target - 1);
    close(fd);
    if (n > 0 && strncmp(target, "sh\n", 3) == 0) break;
    dt_sleep_ms(2);
  }
  SHOW(setpgid(pid, 0));
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

int main(void) {
  dt_start(20);
  MUST(pipe(gate));
  SHOW(getpgid(-1));
  SHOW(getpgid(1 << 22));
  SHOW(getsid(1 << 22));
  SHOW(setpgid(-1, 0));
  SHOW(setpgid(0, -1));
  SHOW(setpgid(1, 0));
  SHOW(setpgid(0, 1 << 21));
  SHOW(kill(1 << 22, 0));
  SHOW(kill(getpid(), 0));
  SHOW(kill(getpid(), 65));
  SHOW(kill(getpid(), -1));
  SHOW(kill(-(1 << 22), 0));
  IS(getpgrp() == getpgid(0));
  dt_in_child("leader", as_leader);
  int in[2];
  MUST(pipe(in));
  dup2(in[0], 0);
  after_exec();
  return 0;
}
