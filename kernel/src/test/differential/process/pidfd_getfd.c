/* pidfd_getfd: a descriptor of another process; who may; what becomes of a dead one. */
#include "difftest.h"
#include <sys/pidfd.h>

static void user(void) {
  int self = MUST(syscall(SYS_pidfd_open, getpid(), 0)), parent = MUST(syscall(SYS_pidfd_open, getppid(), 0));
  MUST(setresuid(1000, 1000, 1000));
  RAW(raw3(SYS_pidfd_getfd, parent, 0, 0));
  RAW_OK(raw3(SYS_pidfd_getfd, self, 0, 0));
}

int main(void) {
  dt_start(20);
  int pipes[2];
  char c = 0;
  MUST(pipe(pipes));
  pid_t pid = fork();
  if (pid == 0) {
    int fd = memfd_create("theirs", 0);
    write(fd, "hello", 5);
    dup2(fd, 77);
    write(pipes[1], "x", 1);
    pause();
    _exit(0);
  }
  read(pipes[0], &c, 1);
  int pidfd = MUST(syscall(SYS_pidfd_open, pid, 0));
  int fd = RAW_OK(raw3(SYS_pidfd_getfd, pidfd, 77, 0));
  char text[16] = "";
  SHOW(pread(fd, text, sizeof text, 0));
  printf("%s\n", text);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(lseek(fd, 0, SEEK_CUR));
  RAW(raw3(SYS_pidfd_getfd, pidfd, 78, 0));
  RAW(raw3(SYS_pidfd_getfd, pidfd, -1, 0));
  RAW(raw3(SYS_pidfd_getfd, pidfd, 77, 1));
  RAW(raw3(SYS_pidfd_getfd, pipes[0], 77, 0));
  RAW(raw3(SYS_pidfd_getfd, -1, 77, 0));
  RAW(raw3(SYS_pidfd_getfd, 900, 77, 0));
  kill(pid, SIGKILL);
  siginfo_t info;
  waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
  RAW(raw3(SYS_pidfd_getfd, pidfd, 77, 0));
  dt_reap("child", pid);
  RAW(raw3(SYS_pidfd_getfd, pidfd, 77, 0));
  dt_in_child("user", user);
  return 0;
}
