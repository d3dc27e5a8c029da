/* fork, exec of this program itself, which ends at once, and wait. Statically linked: no dynamic loader is measured. */
#include "turns.h"
#include <sys/wait.h>
#include <unistd.h>

static const char *self;

static void turn(long count) {
  for (long i = 0; i < count; i++) {
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
      execl(self, self, "end", (char *)NULL);
      _exit(1);
    }
    if (waitpid(child, &status, 0) != child || status != 0) exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc > 1) return 0;
  self = argv[0];
  return take_turns(turn);
}
