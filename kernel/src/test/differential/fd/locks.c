/* flock, POSIX record locks, open-file-description locks: conflicts, ranges, close, fork, F_GETLK, deadlock. */
#include "difftest.h"
#include <sys/file.h>

static long set(int fd, int cmd, short type, off_t start, off_t len) {
  struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
  return fcntl(fd, cmd, &l);
}

static void ask(const char *label, int fd, int cmd, off_t start, off_t len, pid_t owner) {
  struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
  errno = 0;
  if (fcntl(fd, cmd, &l)) printf("%s: %s\n", label, ename(errno));
  else if (l.l_type == F_UNLCK) printf("%s: free\n", label);
  else printf("%s: %s %ld+%ld pid %s\n", label, l.l_type == F_RDLCK ? "read" : "write", (long)l.l_start,
              (long)l.l_len, l.l_pid == owner ? "right" : l.l_pid == -1 ? "-1" : "wrong");
}

static int fd, second;
static pid_t parent;
static void posix_child(void) {
  ask("0+100", fd, F_GETLK, 0, 100, parent);
  ask("50+1", fd, F_GETLK, 50, 1, parent);
  ask("300+0", fd, F_GETLK, 300, 0, parent);
  SHOW(set(fd, F_SETLK, F_RDLCK, 10, 5));
  SHOW(set(fd, F_SETLK, F_RDLCK, 60, 5));
  SHOW(set(fd, F_SETLK, F_WRLCK, 60, 5));
  SHOW(set(fd, F_SETLK, F_WRLCK, 110, 5));
  SHOW(set(fd, F_SETLK, F_UNLCK, 0, 0));
  SHOW(set(fd, F_SETLK, F_WRLCK, 1000, 0));
}

static void flock_child(void) {
  int own = open("file", O_RDWR);
  SHOW(flock(own, LOCK_SH | LOCK_NB));
  SHOW(flock(own, LOCK_EX | LOCK_NB));
  SHOW(flock(fd, LOCK_EX | LOCK_NB));
}

int main(void) {
  dt_start(20);
  parent = getpid();
  fd = MUST(open("file", O_CREAT | O_RDWR, 0644));
  second = MUST(open("file", O_RDWR));
  SHOW(flock(fd, LOCK_EX));
  SHOW(flock(second, LOCK_SH | LOCK_NB));
  SHOW(flock(fd, LOCK_SH));
  SHOW(flock(second, LOCK_SH | LOCK_NB));
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  SHOW(flock(second, LOCK_UN));
  SHOW(flock(fd, LOCK_EX));
  dt_in_child("flock child", flock_child);
  SHOW(flock(fd, LOCK_UN));
  SHOW(flock(fd, 0));
  SHOW(flock(999, LOCK_SH));
  int copy = dup(fd);
  SHOW(flock(fd, LOCK_EX));
  SHOW(close(fd));
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  close(copy);
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  SHOW(flock(second, LOCK_UN));
  fd = MUST(open("file", O_RDWR));

  SHOW(set(fd, F_SETLK, F_WRLCK, 0, 50));
  SHOW(set(fd, F_SETLK, F_RDLCK, 50, 50));
  SHOW(set(fd, F_SETLK, F_WRLCK, 300, 0));
  ask("own", fd, F_GETLK, 0, 100, parent);
  dt_in_child("posix child", posix_child);
  SHOW(set(fd, F_SETLK, F_WRLCK, -1, 5));
  SHOW(set(fd, F_SETLK, 9, 0, 5));
  int ro = MUST(open("file", O_RDONLY));
  SHOW(set(ro, F_SETLK, F_WRLCK, 2000, 5));
  close(ro);
  dt_in_child("after any close all are gone", posix_child);

  SHOW(set(fd, F_OFD_SETLK, F_WRLCK, 0, 10));
  SHOW(set(second, F_OFD_SETLK, F_WRLCK, 5, 10));
  SHOW(set(second, F_OFD_SETLK, F_WRLCK, 10, 10));
  ask("ofd", second, F_OFD_GETLK, 0, 10, parent);
  SHOW(set(fd, F_SETLK, F_WRLCK, 10, 5));
  close(fd);
  SHOW(set(second, F_OFD_SETLK, F_WRLCK, 0, 10));
  close(second);
  fd = MUST(open("file", O_RDWR));

  int gate[2];
  MUST(pipe(gate));
  SHOW(set(fd, F_SETLK, F_WRLCK, 0, 1));
  pid_t pid = fork();
  if (pid == 0) {
    set(fd, F_SETLK, F_WRLCK, 1, 1);
    write(gate[1], "l", 1);
    long r = set(fd, F_SETLKW, F_WRLCK, 0, 1);
    _exit(r == 0 ? 1 : errno == EDEADLK ? 2 : 3);
  }
  char c;
  read(gate[0], &c, 1);
  IS(dt_await_state(pid, "S"));
  dt_sleep_ms(20);
  SHOW(set(fd, F_SETLKW, F_WRLCK, 1, 1));
  SHOW(set(fd, F_SETLK, F_UNLCK, 0, 1));
  dt_reap("waiter", pid);
  SHOW(set(fd, F_SETLK, F_WRLCK, 1, 1));
  return 0;
}
