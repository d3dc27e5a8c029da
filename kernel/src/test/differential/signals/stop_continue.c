/* SIGSTOP, SIGTSTP, SIGCONT and SIGKILL: waits, pending signals that cancel one another, SA_NOCLDSTOP. */
#include "difftest.h"

static volatile int chld;
static void on_chld(int sig) { (void)sig; chld++; }

static pid_t spinner(void) {
  pid_t pid = fork();
  if (pid == 0) {
    signal(SIGCHLD, SIG_DFL);
    for (;;) pause();
  }
  return pid;
}

static int next(const char *label, pid_t pid, int options) {
  int status = 0;
  pid_t r;
  do r = waitpid(pid, &status, options);
  while (r == -1 && errno == EINTR);
  if (r == 0) printf("%s: nothing\n", label);
  else if (r == -1) printf("%s: %s\n", label, ename(errno));
  else dt_status(label, status);
  return status;
}

int main(void) {
  dt_start(20);
  struct sigaction sa = {.sa_handler = on_chld};
  sigaction(SIGCHLD, &sa, NULL);
  setsid();
  pid_t pid = spinner();
  kill(pid, SIGSTOP);
  next("stop", pid, WUNTRACED);
  next("stop again", pid, WUNTRACED | WNOHANG);
  IS(dt_await_state(pid, "T"));
  kill(pid, SIGUSR1);
  next("USR1 while stopped", pid, WUNTRACED | WCONTINUED | WNOHANG);
  kill(pid, SIGSTOP);
  kill(pid, SIGCONT);
  next("after CONT the USR1 kills", pid, WUNTRACED);
  IS(chld >= 2);

  pid = spinner();
  setpgid(pid, pid);
  kill(pid, SIGTSTP);
  next("TSTP of a group with its parent in the session", pid, WUNTRACED);
  kill(pid, SIGCONT);
  next("continued", pid, WCONTINUED);
  kill(pid, SIGTTIN);
  next("TTIN", pid, WUNTRACED);
  kill(pid, SIGKILL);
  next("KILL of the stopped", pid, 0);

  pid = fork();
  if (pid == 0) {
    if (fork() == 0) {
      setsid();
      raise(SIGTSTP);
      _exit(18);
    }
    int status;
    wait(&status);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
  }
  next("TSTP in an orphaned group is dropped", pid, WUNTRACED);

  sa.sa_flags = SA_NOCLDSTOP;
  sigaction(SIGCHLD, &sa, NULL);
  chld = 0;
  pid = spinner();
  kill(pid, SIGSTOP);
  next("stopped with NOCLDSTOP", pid, WUNTRACED);
  printf("SIGCHLD count %d\n", chld);
  kill(pid, SIGCONT);
  next("continued with NOCLDSTOP", pid, WCONTINUED);
  printf("SIGCHLD count %d\n", chld);
  kill(pid, SIGTERM);
  next("end", pid, 0);
  printf("SIGCHLD count %d\n", chld);

  int gate[2];
  MUST(pipe(gate));
  pid = fork();
  if (pid == 0) {
    signal(SIGCONT, on_chld);
    chld = 0;
    write(gate[1], "r", 1);
    while (!chld) pause();
    _exit(41);
  }
  char c;
  read(gate[0], &c, 1);
  kill(pid, SIGSTOP);
  next("stop before handler", pid, WUNTRACED);
  kill(pid, SIGCONT);
  next("CONT handler runs", pid, 0);
  pid = fork();
  if (pid == 0) {
    raise(SIGSTOP);
    _exit(42);
  }
  next("stops itself", pid, WUNTRACED);
  kill(pid, SIGCONT);
  next("goes on", pid, 0);
  return 0;
}
