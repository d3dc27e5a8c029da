/* Order of delivery: lowest number first, real-time values in order, standard signals once, RLIMIT_SIGPENDING. */
#include "difftest.h"

static struct { int sig, value; } seen[64];
static volatile int count;
static void log_it(int sig, siginfo_t *info, void *context) {
  (void)context;
  if (count < 64) {
    seen[count].sig = sig;
    seen[count].value = info->si_code == SI_QUEUE ? info->si_value.sival_int : -1;
    count++;
  }
}

int main(void) {
  dt_start(20);
  struct sigaction sa = {.sa_sigaction = log_it, .sa_flags = SA_SIGINFO};
  sigfillset(&sa.sa_mask);
  int sigs[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGRTMIN, SIGRTMIN + 1, SIGRTMIN + 5, SIGRTMAX};
  sigset_t all, old, pending;
  sigemptyset(&all);
  for (int i = 0; i < 8; i++) {
    sigaction(sigs[i], &sa, NULL);
    sigaddset(&all, sigs[i]);
  }
  sigprocmask(SIG_BLOCK, &all, &old);
  union sigval v;
  for (int round = 0; round < 3; round++)
    for (int i = 7; i >= 0; i--) {
      v.sival_int = round * 10 + i;
      sigqueue(getpid(), sigs[i], v);
    }
  kill(getpid(), SIGRTMIN);
  kill(getpid(), SIGRTMIN);
  syscall(SYS_tgkill, getpid(), gettid(), SIGRTMIN + 1);
  sigpending(&pending);
  for (int i = 0; i < 8; i++) printf("%s pending %d\n", sname(sigs[i]), sigismember(&pending, sigs[i]));
  sigprocmask(SIG_SETMASK, &old, NULL);
  for (int i = 0; i < count; i++) printf("%2d %s %d\n", i, sname(seen[i].sig), seen[i].value);
  sigpending(&pending);
  IS(sigisemptyset(&pending));

  sigprocmask(SIG_BLOCK, &all, NULL);
  struct timespec zero = {0, 0}, little = {0, 20000000};
  siginfo_t info;
  for (int i = 0; i < 3; i++) {
    v.sival_int = 100 + i;
    sigqueue(getpid(), SIGRTMIN + 5, v);
  }
  sigqueue(getpid(), SIGUSR1, v);
  for (int i = 0; i < 4; i++) {
    int sig = sigtimedwait(&all, &info, &zero);
    printf("sigtimedwait %s value %d\n", sname(sig), info.si_value.sival_int);
  }
  SHOW(sigtimedwait(&all, &info, &zero));
  SHOW(sigtimedwait(&all, &info, &little));
  struct timespec bad = {0, 1000000000};
  SHOW(sigtimedwait(&all, &info, &bad));
  kill(getpid(), SIGTERM);
  IS(sigwaitinfo(&all, NULL) == SIGTERM);
  RAW(raw4(SYS_rt_sigtimedwait, &all, &info, &zero, 4));

  struct rlimit few = {5, 5};
  setrlimit(RLIMIT_SIGPENDING, &few);
  int accepted = 0;
  while (accepted < 20 && sigqueue(getpid(), SIGRTMIN, v) == 0) accepted++;
  printf("accepted at most the limit %s, then %s\n", accepted <= 5 ? "yes" : "no", ename(errno));
  SHOW(kill(getpid(), SIGRTMIN + 1));
  sigpending(&pending);
  IS(sigismember(&pending, SIGRTMIN + 1));
  return 0;
}
