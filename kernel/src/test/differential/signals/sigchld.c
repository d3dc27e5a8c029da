/* SIGCHLD: SA_NOCLDWAIT and SIG_IGN reap at once, default keeps zombies, disposition after exec. */
#include "difftest.h"

static volatile int count;
static void on(int sig) { (void)sig; count++; }

static void one(const char *label) {
  count = 0;
  pid_t pid = fork();
  if (pid == 0) _exit(3);
  errno = 0;
  int status = -1;
  pid_t r;
  do r = waitpid(pid, &status, 0);
  while (r == -1 && errno == EINTR);
  if (r == -1) printf("%s: %s", label, ename(errno));
  else printf("%s: reaped %d", label, WEXITSTATUS(status));
  printf(", SIGCHLD %s\n", count ? "came" : "did not come");
}

int main(void) {
  dt_start(20);
  one("default");
  struct sigaction sa = {.sa_handler = on};
  sigaction(SIGCHLD, &sa, NULL);
  one("handler");
  sa.sa_flags = SA_NOCLDWAIT;
  sigaction(SIGCHLD, &sa, NULL);
  one("handler NOCLDWAIT");
  sa.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &sa, NULL);
  one("default NOCLDWAIT");
  signal(SIGCHLD, SIG_IGN);
  one("ignored");
  pid_t a = fork();
  if (a == 0) {
    dt_sleep_ms(20);
    _exit(0);
  }
  SHOW(wait(NULL));
  signal(SIGCHLD, SIG_DFL);
  pid_t zombie = fork();
  if (zombie == 0) _exit(6);
  IS(dt_await_state(zombie, "Z"));
  SHOW(kill(zombie, 0));
  SHOW(kill(zombie, SIGTERM));
  signal(SIGCHLD, SIG_IGN);
  dt_reap("zombie made before SIG_IGN", zombie);
  signal(SIGCHLD, SIG_DFL);
  SHOW(kill(zombie, 0));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on}, NULL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  count = 0;
  for (int i = 0; i < 5; i++)
    if (fork() == 0) _exit(i);
  for (int i = 0; i < 5; i++) wait(NULL);
  sigset_t pending;
  sigpending(&pending);
  IS(sigismember(&pending, SIGCHLD));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  printf("five deaths while blocked: %d signal\n", count);
  siginfo_t info;
  sigprocmask(SIG_BLOCK, &set, NULL);
  pid_t pid = fork();
  if (pid == 0) _exit(77);
  int sig = sigwaitinfo(&set, &info);
  printf("sigwaitinfo %s status %d pid %s\n", sname(sig), info.si_status, info.si_pid == pid ? "right" : "wrong");
  dt_reap("last", pid);
  return 0;
}
