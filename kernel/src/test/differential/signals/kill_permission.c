/* Who may signal whom: real and saved uid, SIGCONT within a session, kill(-1), kill(0). */
#include "difftest.h"

static pid_t sleeper(uid_t real, uid_t effective, uid_t saved) {
  int ready[2];
  MUST(pipe(ready));
  pid_t pid = fork();
  if (pid == 0) {
    if (setresuid(real, effective, saved)) _exit(97);
    write(ready[1], "r", 1);
    for (;;) pause();
  }
  char c;
  read(ready[0], &c, 1);
  close(ready[0]);
  close(ready[1]);
  return pid;
}

static pid_t a, b, c, root;
static void as_user(void) {
  if (setresuid(1001, 1001, 1001)) _exit(97);
  SHOW(kill(a, 0));
  SHOW(kill(b, 0));
  SHOW(kill(c, 0));
  SHOW(kill(root, 0));
  SHOW(kill(root, SIGCONT));
  SHOW(kill(root, SIGTERM));
  SHOW(kill(getppid(), SIGCONT));
  SHOW(setsid() > 0 ? 0 : -1);
  SHOW(kill(root, SIGCONT));
  SHOW(syscall(SYS_tgkill, root, root, SIGTERM));
}

static void as_effective(void) {
  if (setresuid(1002, 1003, 1004)) _exit(97);
  SHOW(kill(a, 0));
  SHOW(kill(b, 0));
  if (setresuid(-1, 1002, -1)) _exit(98);
}

static volatile int got;
static void on(int sig) { got = sig; }
static void group(void) {
  setpgid(0, 0);
  signal(SIGUSR1, on);
  int ready[2];
  MUST(pipe(ready));
  pid_t pid = fork();
  if (pid == 0) {
    signal(SIGUSR1, SIG_DFL);
    write(ready[1], "r", 1);
    for (;;) pause();
  }
  char c;
  read(ready[0], &c, 1);
  SHOW(kill(0, SIGUSR1));
  printf("own handler %s\n", sname(got));
  dt_reap("group member", pid);
}

int main(void) {
  dt_start(20);
  if (geteuid() != 0) {
    printf("needs root\n");
    return 0;
  }
  setsid();
  a = sleeper(1001, 1001, 1001);
  b = sleeper(1002, 1003, 1001);
  c = sleeper(1002, 1001, 1002);
  root = sleeper(0, 0, 0);
  dt_in_child("as user", as_user);
  dt_in_child("as effective", as_effective);
  dt_in_child("group", group);
  pid_t all[] = {a, b, c, root};
  for (int i = 0; i < 4; i++) {
    kill(all[i], SIGKILL);
    dt_reap("sleeper", all[i]);
  }
  return 0;
}
