/* 100 children at once, a chain of 30 generations, and zombies that are collected in any order. */
#include "difftest.h"

static int chain(int depth) {
  if (depth == 0) return 1;
  pid_t pid = fork();
  if (pid == 0) _exit(chain(depth - 1));
  int status = 0;
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status) + 1;
}

int main(void) {
  dt_start(30);
  enum { N = 100 };
  pid_t pids[N];
  int gate[2];
  MUST(pipe(gate));
  for (int i = 0; i < N; i++) {
    pids[i] = fork();
    if (pids[i] == 0) {
      char c;
      close(gate[1]);
      read(gate[0], &c, 1);
      _exit(i);
    }
    MUST(pids[i]);
  }
  SHOW(waitpid(-1, NULL, WNOHANG));
  close(gate[1]);
  int sum = 0, wrong = 0, status;
  for (int i = N - 1; i >= 0; i -= 2) {
    if (waitpid(pids[i], &status, 0) != pids[i] || WEXITSTATUS(status) != i) wrong++;
    sum += WEXITSTATUS(status);
  }
  for (int i = 0; i < N / 2; i++) {
    pid_t pid = wait(&status);
    int k = 0;
    while (k < N && pids[k] != pid) k++;
    if (k == N || WEXITSTATUS(status) != k) wrong++;
    sum += WEXITSTATUS(status);
  }
  printf("sum %d wrong %d\n", sum, wrong);
  SHOW(wait(NULL));
  printf("chain %d\n", chain(30));
  return 0;
}
