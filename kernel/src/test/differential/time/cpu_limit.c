/* RLIMIT_CPU: SIGXCPU at the soft limit, SIGKILL at the hard one, inherited by children. */
#include "difftest.h"

static volatile sig_atomic_t over;
static void on(int s) { (void)s; over = 1; }

static void caught(void) {
  signal(SIGXCPU, on);
  while (!over) {}
  printf("caught SIGXCPU\n");
}

static void uncaught(void) { for (;;) {} }

static void hard(void) {
  signal(SIGXCPU, SIG_IGN);
  struct rlimit r = {1, 1};
  setrlimit(RLIMIT_CPU, &r);
  for (;;) {}
}

int main(void) {
  dt_start(30);
  struct rlimit r = {1, 3};
  SHOW(setrlimit(RLIMIT_CPU, &r));
  dt_in_child("caught", caught);
  dt_in_child("uncaught", uncaught);
  dt_in_child("hard", hard);
  return 0;
}
