/* Who adopts a zombie hears of it, or never sees it if it ignores SIGCHLD; whatever clone asked for. */

#include "difftest.h"
#include <sys/prctl.h>

static int ready[2];
static int go[2];

/* The child leaves a zombie behind, and ends when it is told to. */
static pid_t parent_of_zombie(int exit_signal) {
  MUST(pipe(ready));
  MUST(pipe(go));
  pid_t middle = MUST(fork());
  if (middle == 0) {
    signal(SIGUSR1, SIG_IGN); /* it is told of the leaf's end, too */
    pid_t leaf = (pid_t)syscall(SYS_clone, exit_signal, 0, 0, 0, 0);
    if (leaf == 0) {
      _exit(5);
    }
    siginfo_t si;
    waitid(P_PID, (id_t)leaf, &si, WEXITED | WNOWAIT | __WALL);
    MUST(write(ready[1], &leaf, sizeof leaf));
    char c;
    MUST(read(go[0], &c, 1));
    _exit(0);
  }
  return middle;
}

static pid_t leaf_of(void) {
  pid_t leaf = 0;
  MUST(read(ready[0], &leaf, sizeof leaf));
  return leaf;
}

static void end(pid_t middle) {
  MUST(write(go[1], "x", 1));
  siginfo_t si = {0};
  MUST(waitid(P_PID, (id_t)middle, &si, WEXITED | WNOWAIT));
}

static void adopt(const char *what, int exit_signal, void (*action)(int)) {
  signal(SIGCHLD, action);
  pid_t middle = parent_of_zombie(exit_signal);
  pid_t leaf = leaf_of();
  if (action == SIG_IGN) {
    MUST(write(go[1], "x", 1));
    int r = wait(NULL); /* sleeps until all have gone */
    printf("%s: wait %d %s\n", what, r, r < 0 ? ename(errno) : "");
  } else {
    end(middle);
    int status = -1;
    pid_t got = waitpid(leaf, &status, 0);
    printf("%s: leaf %d, status %x\n", what, got == leaf, status);
    got = waitpid(middle, &status, 0);
    printf("%s: middle %d, status %x\n", what, got == middle, status);
  }
  SHOW(kill(leaf, 0));
}

static volatile sig_atomic_t heard;

static void count(int signal) {
  (void)signal;
  heard++;
}

/* Each of the two is told, one after the other. */
static void told(void) {
  heard = 0;
  signal(SIGCHLD, count);
  sigset_t all, before;
  sigemptyset(&all);
  sigaddset(&all, SIGCHLD);
  sigprocmask(SIG_BLOCK, &all, &before);
  pid_t middle = parent_of_zombie(SIGUSR1);
  leaf_of();
  end(middle);
  siginfo_t si = {0};
  struct timespec now = {0};
  int r = sigtimedwait(&all, &si, &now);
  printf("told: %d of %s\n", r, si.si_pid == middle ? "middle" : "leaf");
  sigprocmask(SIG_SETMASK, &before, NULL);
  while (wait(NULL) > 0) {
  }
}

int main(void) {
  dt_start(20);
  MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
  adopt("plain", SIGCHLD, SIG_DFL);
  adopt("other signal", SIGUSR1, SIG_DFL);
  adopt("no signal", 0, SIG_DFL);
  adopt("ignoring", SIGCHLD, SIG_IGN);
  adopt("ignoring, other signal", SIGUSR1, SIG_IGN);
  told();
  return 0;
}
