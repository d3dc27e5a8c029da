/* wait with a SIGCHLD handler that does not restart: the child that ends with the signal is reported, never EINTR. */
#include "difftest.h"

static volatile int handled;

static void on_chld(int sig) {
  (void)sig;
  handled++;
}

int main(void) {
  dt_start(60);
  struct sigaction sa = {.sa_handler = on_chld};
  sigaction(SIGCHLD, &sa, NULL);
  int reported = 0, interrupted = 0;
  for (int i = 0; i < 200; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      if (i % 2) sched_yield();
      _exit(i & 0x7f);
    }
    int status;
    pid_t r = wait(&status);
    if (r == -1 && errno == EINTR) {
      interrupted++;
      while (wait(&status) == -1 && errno == EINTR) {}
    } else {
      reported += r == pid && WEXITSTATUS(status) == (i & 0x7f);
    }
  }
  SHOW_AS("reported", reported);
  SHOW_AS("interrupted", interrupted);
  dt_truth("handler ran for each", handled == 200);
  return 0;
}
