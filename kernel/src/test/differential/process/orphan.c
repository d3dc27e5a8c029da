/* Orphans go to the nearest subreaper; PR_SET_PDEATHSIG fires when the parent dies. */
#include "difftest.h"
#include <sys/prctl.h>

static volatile sig_atomic_t got;
static void on_signal(int sig) { got = sig; }

int main(void) {
  dt_start(20);
  int value = 9;
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &value));
  IS(value == 0);
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1));
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &value));
  IS(value == 1);
  int report[2], gate[2];
  MUST(pipe(report));
  MUST(pipe(gate));
  pid_t child = fork();
  if (child == 0) {
    pid_t me = getpid();
    if (fork() == 0) {
      int sub = 5;
      char c, line[64];
      prctl(PR_GET_CHILD_SUBREAPER, &sub);
      close(gate[1]);
      read(gate[0], &c, 1);
      int n = snprintf(line, sizeof line, "subreaper in grandchild %d, parent changed %s\n", sub,
                       getppid() != me ? "yes" : "no");
      write(report[1], line, n);
      _exit(getppid() == me ? 1 : 31);
    }
    _exit(30);
  }
  dt_reap("child", child);
  close(gate[1]);
  char buf[128];
  ssize_t n = read(report[0], buf, sizeof buf);
  fwrite(buf, 1, n, stdout);
  int status;
  pid_t orphan = wait(&status);
  IS(orphan > 0 && orphan != child);
  dt_status("orphan", status);
  SHOW(wait(NULL));

  MUST(pipe(gate));
  child = fork();
  if (child == 0) {
    int ready[2];
    MUST(pipe(ready));
    if (fork() == 0) {
      char line[64];
      int sig = 0;
      signal(SIGUSR1, on_signal);
      prctl(PR_SET_PDEATHSIG, SIGUSR1);
      prctl(PR_GET_PDEATHSIG, &sig);
      sigset_t block, old;
      sigemptyset(&block);
      sigaddset(&block, SIGUSR1);
      sigprocmask(SIG_BLOCK, &block, &old);
      write(ready[1], "x", 1);
      while (!got) sigsuspend(&old);
      n = snprintf(line, sizeof line, "death signal set %s, got %s\n", sname(sig), sname(got));
      write(report[1], line, n);
      _exit(32);
    }
    read(ready[0], buf, 1);
    _exit(0);
  }
  dt_reap("parent that dies", child);
  n = read(report[0], buf, sizeof buf);
  fwrite(buf, 1, n, stdout);
  wait(&status);
  dt_status("survivor", status);
  SHOW(prctl(PR_SET_PDEATHSIG, 65));
  return 0;
}
