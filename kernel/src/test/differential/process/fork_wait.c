/* fork, wait, waitpid: exit codes, death by signals, WNOHANG, ECHILD. */
#include "difftest.h"

int main(void) {
  dt_start(20);
  SHOW(wait(NULL));
  SHOW(waitpid(-1, NULL, WNOHANG));
  SHOW(waitpid(getpid(), NULL, 0));
  SHOW(waitpid(1 << 21, NULL, 0));
  int codes[] = {0, 1, 42, 127, 255, 256, 257, -1};
  for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
    pid_t pid = fork();
    if (pid == 0) _exit(codes[i]);
    char label[32];
    snprintf(label, sizeof label, "_exit(%d)", codes[i]);
    dt_reap(label, pid);
  }
  int sigs[] = {SIGKILL, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE, SIGALRM, SIGABRT, SIGSEGV, SIGRTMIN, SIGRTMAX};
  for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      raise(sigs[i]);
      _exit(9);
    }
    dt_reap(sname(sigs[i]), pid);
  }
  int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
  for (unsigned i = 0; i < 4; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      raise(ignored[i]);
      _exit(7);
    }
    dt_reap(sname(ignored[i]), pid);
  }
  int gate[2];
  MUST(pipe(gate));
  pid_t pid = fork();
  if (pid == 0) {
    char c;
    close(gate[1]);
    read(gate[0], &c, 1);
    _exit(3);
  }
  int status = 77;
  SHOW(waitpid(pid, &status, WNOHANG));
  IS(status == 77);
  close(gate[1]);
  dt_reap("gated child", pid);
  SHOW(waitpid(pid, &status, WNOHANG));
  SHOW(waitpid(-1, &status, 0x1000));
  pid = fork();
  if (pid == 0) _exit(5);
  struct rusage usage;
  memset(&usage, 0xff, sizeof usage);
  IS(wait4(pid, &status, 0, &usage) == pid);
  dt_status("wait4", status);
  IS(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_sec < 5 && usage.ru_maxrss > 0);
  pid = fork();
  if (pid == 0) _exit(6);
  IS(waitpid(pid, NULL, __WALL) == pid);
  printf("parent of parent unchanged: %d\n", getppid() == getppid());
  pid = fork();
  if (pid == 0) {
    int fds = open("child-file", O_CREAT | O_WRONLY, 0600);
    _exit(fds >= 0 && getpid() != getppid() && getpid() == gettid() ? 0 : 1);
  }
  dt_reap("file creator", pid);
  IS(access("child-file", F_OK) == 0);
  return 13;
}
