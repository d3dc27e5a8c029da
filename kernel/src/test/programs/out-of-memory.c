/* Takes all memory in several ways, in a sandbox of little memory. What takes it is killed, the others keep theirs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, KEPT = 20 * MIB };

static int status_of(void (*body)(void)) {
  int status;
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    body();
    _exit(0);
  }
  waitpid(p, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void touch_for_ever(void) {
  for (;;) {
    char *block = malloc(MIB);
    if (block == NULL) _exit(3);
    memset(block, 1, MIB);
  }
}

/* The pages are first touched by the kernel, on behalf of read(2). */
static void read_for_ever(void) {
  FILE *zero = fopen("/dev/zero", "r");
  for (;;) {
    char *block = malloc(MIB);
    if (block == NULL || read(fileno(zero), block, MIB) != MIB) _exit(3);
  }
}

int main(void) {
  char *kept = malloc(KEPT);
  memset(kept, 5, KEPT);
  printf("touch: %d\n", status_of(touch_for_ever));
  printf("read: %d\n", status_of(read_for_ever));
  /* fork(2) runs out of memory too. The parent is never killed, as its children volunteer. */
  for (int i = 0; i < 400; i++) {
    pid_t p = fork();
    if (p == 0) {
      FILE *adjust = fopen("/proc/self/oom_score_adj", "w");
      fputs("500", adjust);
      fclose(adjust);
      memset(kept, 6, MIB);
      pause();
      _exit(0);
    }
    if (p < 0) break;
  }
  int killed = 0;
  int status;
  while (waitpid(-1, &status, WNOHANG) > 0) killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  printf("some children were killed: %d\n", killed > 0);
  for (int i = 0; i < KEPT; i++) {
    if (kept[i] != 5) {
      printf("byte %d is %d\n", i, kept[i]);
      return 1;
    }
  }
  puts("nothing is lost");
  return 7;
}
