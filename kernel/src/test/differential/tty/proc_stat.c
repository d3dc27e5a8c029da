/* The controlling terminal in /proc/PID/stat: fields tty_nr and tpgid. */
#include "difftest.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

static void show(const char *label) {
  char buf[512];
  int fd = open("/proc/self/stat", O_RDONLY);
  ssize_t n = read(fd, buf, sizeof buf - 1);
  close(fd);
  buf[n > 0 ? n : 0] = 0;
  int tty = -1, tpgid = -2;
  sscanf(strrchr(buf, ')') + 2, "%*c %*d %*d %*d %d %d", &tty, &tpgid);
  printf("%s: major %d, foreground %s\n", label, major(tty), tpgid == getpgrp() ? "own" : tpgid == -1 ? "none" : "other");
}

int main(void) {
  dt_start(10);
  if (fork() > 0) {
    int status;
    wait(&status);
    dt_status("test", status);
    return 0;
  }
  setsid();
  show("no terminal");
  int m, s;
  MUST(openpty(&m, &s, NULL, NULL, NULL));
  MUST(ioctl(s, TIOCSCTTY, 0));
  show("leader");
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    show("child");
    setpgid(0, 0);
    show("background");
    setsid();
    show("group leader");
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  signal(SIGHUP, SIG_IGN);
  pid = fork();
  if (pid == 0) {
    SHOW(ioctl(s, TIOCNOTTY));
    show("left");
    SHOW(open("/dev/tty", O_RDWR));
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  show("others keep it");
  ioctl(s, TIOCNOTTY);
  show("given up");
  return 0;
}
