/*
 * The first process of a user-mode Linux: makes ready what the host's system has ready, runs the program that its first
 * argument names, and switches the machine off. There are more arguments, which that kernel has added. The console is to pass
 * bytes as a pipe does.
 */
#define _GNU_SOURCE
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void raw_console(void) {
  struct termios t;
  if (tcgetattr(0, &t) != 0) return;
  cfmakeraw(&t);
  tcsetattr(0, TCSANOW, &t);
}

static void loopback_up(void) {
  struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (ioctl(fd, SIOCSIFFLAGS, &lo) != 0) perror("lo");
  close(fd);
}

int main(int argc, char **argv) {
  if (argc < 2) return 1;
  mount("proc", "/proc", "proc", 0, NULL);
  mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
  raw_console();
  loopback_up();
  if (fork() == 0) {
    execl(argv[1], argv[1], (char *)NULL);
    perror(argv[1]);
    _exit(127);
  }
  while (wait(NULL) > 0) {}
  return reboot(RB_POWER_OFF);
}
