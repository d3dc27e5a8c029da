/* sigaction: old value, flags, SA_NODEFER, SA_RESETHAND, the mask during a handler, what may not be caught. */
#include "difftest.h"

static volatile int depth, deepest, calls;
static volatile int usr2_blocked, usr1_blocked;

static void nests(int sig) {
  calls++;
  if (++depth > deepest) deepest = depth;
  if (calls < 3) raise(sig);
  depth--;
}

static void looks_at_mask(int sig) {
  (void)sig;
  sigset_t set;
  sigprocmask(SIG_BLOCK, NULL, &set);
  usr1_blocked = sigismember(&set, SIGUSR1);
  usr2_blocked = sigismember(&set, SIGUSR2);
}

static void with(int flags) {
  struct sigaction sa = {.sa_handler = nests, .sa_flags = flags};
  sigaction(SIGUSR1, &sa, NULL);
  depth = deepest = calls = 0;
  raise(SIGUSR1);
  printf("calls %d deepest %d\n", calls, deepest);
}

static void resets(void) {
  struct sigaction sa = {.sa_handler = looks_at_mask, .sa_flags = SA_RESETHAND};
  sigaction(SIGUSR1, &sa, NULL);
  raise(SIGUSR1);
  struct sigaction now;
  sigaction(SIGUSR1, NULL, &now);
  IS(now.sa_handler == SIG_DFL);
  raise(SIGUSR1);
}

int main(void) {
  dt_start(20);
  struct sigaction sa = {.sa_handler = looks_at_mask, .sa_flags = SA_RESTART | SA_NODEFER}, old;
  sigemptyset(&sa.sa_mask);
  sigaddset(&sa.sa_mask, SIGUSR2);
  SHOW(sigaction(SIGUSR1, &sa, &old));
  IS(old.sa_handler == SIG_DFL && old.sa_flags == 0);
  SHOW(sigaction(SIGUSR1, NULL, &old));
  IS(old.sa_handler == looks_at_mask && (old.sa_flags & ~0x04000000) == (SA_RESTART | SA_NODEFER));
  IS(sigismember(&old.sa_mask, SIGUSR2) && !sigismember(&old.sa_mask, SIGUSR1));
  raise(SIGUSR1);
  printf("nodefer: usr1 %d usr2 %d\n", usr1_blocked, usr2_blocked);
  sa.sa_flags = 0;
  sigaction(SIGUSR1, &sa, NULL);
  raise(SIGUSR1);
  printf("defer: usr1 %d usr2 %d\n", usr1_blocked, usr2_blocked);
  sigset_t set;
  sigprocmask(SIG_BLOCK, NULL, &set);
  IS(!sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2));
  with(0);
  with(SA_NODEFER);
  dt_in_child("resethand", resets);
  SHOW(sigaction(SIGKILL, &sa, NULL));
  SHOW(sigaction(SIGSTOP, &sa, NULL));
  SHOW(sigaction(SIGKILL, NULL, &old));
  SHOW(sigaction(0, &sa, NULL));
  SHOW(sigaction(65, &sa, NULL));
  RAW(raw4(SYS_rt_sigaction, SIGUSR1, 0, 0, 4));
  RAW(raw4(SYS_rt_sigaction, SIGUSR1, 8, 0, 8));
  RAW(raw4(SYS_rt_sigaction, SIGUSR1, 0, 8, 8));
  RAW(raw4(SYS_rt_sigprocmask, 7, &set, 0, 8));
  RAW(raw4(SYS_rt_sigprocmask, SIG_BLOCK, &set, 0, 16));
  RAW(raw4(SYS_rt_sigprocmask, 7, 0, 0, 8));
  sigfillset(&set);
  raw4(SYS_rt_sigprocmask, SIG_SETMASK, "\xff\xff\xff\xff\xff\xff\xff\xff", 0, 8);
  uint64_t bits = 0;
  raw4(SYS_rt_sigprocmask, SIG_BLOCK, 0, &bits, 8);
  printf("full mask %016llx\n", (unsigned long long)bits);
  return 0;
}
