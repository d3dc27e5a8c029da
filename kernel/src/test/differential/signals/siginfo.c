/* The siginfo that each sender produces: kill, tgkill, sigqueue, a child, a timer, and SI codes that are refused. */
#include "difftest.h"
#include <sys/timerfd.h>

static volatile siginfo_t last;
static void keep(int sig, siginfo_t *info, void *context) {
  (void)sig;
  (void)context;
  memcpy((void *)&last, info, sizeof last);
}

static const char *code_name(int code) {
  switch (code) {
    case SI_USER: return "SI_USER";
    case SI_TKILL: return "SI_TKILL";
    case SI_QUEUE: return "SI_QUEUE";
    case SI_TIMER: return "SI_TIMER";
    case SI_KERNEL: return "SI_KERNEL";
    case CLD_EXITED: return "CLD_EXITED";
    case CLD_KILLED: return "CLD_KILLED";
    case CLD_STOPPED: return "CLD_STOPPED";
    case CLD_CONTINUED: return "CLD_CONTINUED";
    default: return "other";
  }
}

static void report(const char *label, pid_t sender) {
  printf("%s: %s %s pid %s uid %d\n", label, sname(last.si_signo), code_name(last.si_code),
         last.si_pid == sender ? "right" : "wrong", (int)last.si_uid);
  memset((void *)&last, 0, sizeof last);
}

int main(void) {
  dt_start(20);
  struct sigaction sa = {.sa_sigaction = keep, .sa_flags = SA_SIGINFO};
  int sigs[] = {SIGUSR1, SIGCHLD, SIGRTMIN, SIGALRM};
  for (int i = 0; i < 4; i++) sigaction(sigs[i], &sa, NULL);
  kill(getpid(), SIGUSR1);
  report("kill", getpid());
  syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
  report("tgkill", getpid());
  syscall(SYS_tkill, gettid(), SIGUSR1);
  report("tkill", getpid());
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 4711});
  printf("value %d\n", last.si_value.sival_int);
  report("sigqueue", getpid());
  pid_t child = fork();
  if (child == 0) _exit(9);
  while (last.si_signo == 0) dt_sleep_ms(1);
  printf("status %d\n", last.si_status);
  report("child exit", child);
  waitpid(child, NULL, 0);
  child = fork();
  if (child == 0)
    for (;;) pause();
  kill(child, SIGSTOP);
  while (last.si_signo == 0) dt_sleep_ms(1);
  printf("status %s\n", sname(last.si_status));
  report("child stop", child);
  kill(child, SIGCONT);
  while (last.si_signo == 0) dt_sleep_ms(1);
  printf("status %s\n", sname(last.si_status));
  report("child continue", child);
  kill(child, SIGKILL);
  while (last.si_signo == 0) dt_sleep_ms(1);
  printf("status %s\n", sname(last.si_status));
  report("child killed", child);
  waitpid(child, NULL, 0);
  struct itimerval once = {.it_value = {0, 2000}};
  setitimer(ITIMER_REAL, &once, NULL);
  while (last.si_signo == 0) pause();
  report("itimer", 0);
  alarm(20);
  siginfo_t forged = {.si_signo = SIGUSR1, .si_code = SI_USER};
  child = fork();
  if (child == 0)
    for (;;) pause();
  SHOW(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &forged));
  forged.si_code = SI_TKILL;
  SHOW(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &forged));
  forged.si_code = SI_KERNEL;
  SHOW(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &forged));
  forged.si_code = SI_QUEUE;
  SHOW(syscall(SYS_rt_sigqueueinfo, child, 65, &forged));
  SHOW(syscall(SYS_rt_sigqueueinfo, 1 << 22, SIGUSR1, &forged));
  SHOW(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, &forged));
  printf("tgsigqueueinfo arrived as %s %s\n", sname(last.si_signo), code_name(last.si_code));
  SHOW(syscall(SYS_tgkill, getpid(), 1 << 22, SIGUSR1));
  SHOW(syscall(SYS_tgkill, child, gettid(), SIGUSR1));
  SHOW(syscall(SYS_tgkill, -1, gettid(), SIGUSR1));
  SHOW(syscall(SYS_tkill, 0, SIGUSR1));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return 0;
}
