/* Forks argv[1] children, all blocked in read; says "full"; after a line on standard input lets them go and reaps them. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 1000, gate[2], ready[2], ended = 0, status;
  char c;
  if (pipe(gate) || pipe(ready)) return 1;
  for (int i = 0; i < n; i++) {
    pid_t pid = fork();
    if (pid < 0) { perror("fork"); return 2; }
    if (pid == 0) {
      close(gate[1]);
      write(ready[1], "r", 1);
      _exit(read(gate[0], &c, 1) == 0 ? 7 : 8);
    }
  }
  for (int i = 0; i < n; i++) if (read(ready[0], &c, 1) != 1) return 3;
  puts("full");
  fflush(stdout);
  read(0, &c, 1);
  close(gate[1]);
  while (wait(&status) > 0) ended += WIFEXITED(status) && WEXITSTATUS(status) == 7;
  printf("%d ended\n", ended);
  return 0;
}
