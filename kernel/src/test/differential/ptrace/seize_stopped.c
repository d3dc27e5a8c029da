/* A stopped process is seized and continued at once, as strace starts programs: however the two meet, the tracer learns of it. */
#include "difftest.h"
#include <sys/ptrace.h>

#define ROUNDS 300

/* 0, or what went wrong. */
static const char *follow(pid_t child) {
  for (int stops = 0; stops < 20; stops++) {
    int status;
    if (waitpid(child, &status, __WALL) != child) return "wait";
    if (WIFEXITED(status)) return WEXITSTATUS(status) == 7 ? NULL : "status";
    if (!WIFSTOPPED(status)) return "killed";
    bool group_stop = status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP;
    int signal = status >> 16 == 0 ? WSTOPSIG(status) : 0;
    if (ptrace(group_stop ? PTRACE_LISTEN : PTRACE_CONT, child, 0, group_stop ? 0 : signal)) return "resume";
  }
  return "too many stops";
}

int main(void) {
  dt_start(60);
  for (int i = 0; i < ROUNDS; i++) {
    pid_t child = MUST(fork());
    if (child == 0) {
      raise(SIGSTOP);
      _exit(7);
    }
    int status;
    MUST(waitpid(child, &status, WUNTRACED));
    MUST(ptrace(PTRACE_SEIZE, child, 0, 0));
    MUST(kill(child, SIGCONT));
    const char *wrong = follow(child);
    if (wrong) {
      printf("round failed: %s\n", wrong);
      kill(child, SIGKILL);
      return 1;
    }
  }
  printf("%d rounds\n", ROUNDS);
  return 0;
}
