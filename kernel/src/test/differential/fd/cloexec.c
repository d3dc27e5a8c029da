/* O_CLOEXEC of each call that can set it, seen by the program after exec. */
#include "difftest.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static int put(int fd, int slot) {
  if (fd < 0) return -1;
  int flags = fcntl(fd, F_GETFD);
  dup3(fd, slot, flags & FD_CLOEXEC ? O_CLOEXEC : 0);
  close(fd);
  return 0;
}

int main(int argc, char **argv) {
  dt_start(20);
  if (argc > 1) {
    for (int i = 200; i < 222; i++) printf("%d %s\n", i, fcntl(i, F_GETFD) == -1 ? "closed" : "open");
    return 0;
  }
  sigset_t set;
  sigemptyset(&set);
  int two[2];
  put(open("/dev/null", O_RDONLY), 200);
  put(open("/dev/null", O_RDONLY | O_CLOEXEC), 201);
  pipe(two);
  put(two[0], 202);
  pipe2(two, O_CLOEXEC);
  put(two[0], 203);
  put(socket(AF_UNIX, SOCK_STREAM, 0), 204);
  put(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), 205);
  put(epoll_create(1), 206);
  put(epoll_create1(EPOLL_CLOEXEC), 207);
  put(eventfd(0, 0), 208);
  put(eventfd(0, EFD_CLOEXEC), 209);
  put(timerfd_create(CLOCK_MONOTONIC, 0), 210);
  put(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), 211);
  put(signalfd(-1, &set, 0), 212);
  put(signalfd(-1, &set, SFD_CLOEXEC), 213);
  put(memfd_create("m", 0), 214);
  put(memfd_create("m", MFD_CLOEXEC), 215);
  socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, two);
  put(two[0], 216);
  put(fcntl(0, F_DUPFD_CLOEXEC, 300), 217);
  put(fcntl(0, F_DUPFD, 300), 218);
  int fd = open("/dev/null", O_RDONLY);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  put(fd, 219);
  put((int)syscall(SYS_pidfd_open, getpid(), 0), 220);
  put(open("/", O_PATH | O_CLOEXEC), 221);
  for (int i = 200; i < 222; i++) printf("%d", fcntl(i, F_GETFD));
  printf("\n");
  char *args[] = {argv[0], "again", NULL};
  execv("/proc/self/exe", args);
  return 1;
}
