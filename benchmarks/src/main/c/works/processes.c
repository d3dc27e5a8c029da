/* New processes (lmbench's lat_proc). */
#include "works.h"
#include <string.h>
#include <sys/wait.h>

static void run(char *const *command) {
  pid_t pid = must(fork(), "fork");
  int status = 0;
  if (pid == 0) {
    execv(command[0], command);
    _exit(1);
  }
  if (waitpid(pid, &status, 0) != pid || status != 0) fail(command[0]);
}

/* This program again, which ends at once. Statically linked: no dynamic loader is measured. */
static void execs(long count) {
  char *command[] = {(char *)self, "end", NULL};
  for (long i = 0; i < count; i++) run(command);
}
WORK(fork_exec, .turn = execs)

static void shells(long count) {
  char *command[] = {"/bin/sh", "-c", ":", NULL};
  for (long i = 0; i < count; i++) run(command);
}
WORK(shell, .turn = shells)
