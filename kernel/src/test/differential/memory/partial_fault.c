/* Copies that run into a bad page: partial counts or EFAULT, per call. */
#include "difftest.h"
#include <poll.h>
#include <sys/socket.h>
#include <sys/utsname.h>

static char *edge; /* first byte that is not mapped */

int main(void) {
  dt_start(20);
  char *base = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  edge = base + 8192;
  munmap(edge, 4096);
  memset(base, 'b', 8192);
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
  SHOW(write(fd, edge - 10, 10));
  SHOW(write(fd, edge, 1));
  SHOW(pwrite(fd, base, 8192, 0));
  SHOW(read(fd, edge, 10));
  IS(lseek(fd, 0, SEEK_CUR) == 10);
  SHOW(pread(fd, edge, 0, 0));
  int zero = MUST(open("/dev/zero", O_RDONLY)), null = MUST(open("/dev/null", O_WRONLY));
  SHOW(read(zero, edge, 10));
  SHOW(write(null, edge, 10));
  SHOW(write(null, edge - 5, 10));
  int pipes[2];
  MUST(pipe(pipes));
  SHOW(write(pipes[1], edge, 10));
  MUST(write(pipes[1], "0123456789", 10));
  SHOW(read(pipes[0], edge, 5));
  char buf[16];
  printf("still readable %ld\n", (long)read(pipes[0], buf, sizeof buf));
  struct iovec good_bad[] = {{base, 100}, {edge, 100}}, bad_good[] = {{edge, 100}, {base, 100}};
  SHOW(writev(fd, good_bad, 2));
  SHOW(writev(fd, bad_good, 2));
  lseek(fd, 0, SEEK_SET);
  SHOW(readv(fd, good_bad, 2));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(readv(fd, bad_good, 2));
  SHOW(writev(fd, (struct iovec *)edge, 1));
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  SHOW(send(pair[0], edge, 10, 0));
  SHOW(send(pair[0], "hello", 5, 0));
  SHOW(recv(pair[1], edge, 5, 0));
  SHOW(open(edge, O_RDONLY));
  memcpy(edge - 5, "file", 5);
  OK(open(edge - 5, O_RDONLY));
  edge[-1] = 'x';
  SHOW(open(edge - 5, O_RDONLY));
  SHOW(access(edge - 1, F_OK));
  SHOW(getcwd(edge - 2, 2));
  RAW(raw2(SYS_getcwd, edge, 100));
  SHOW(stat("file", (struct stat *)(edge - 8)));
  SHOW(uname((struct utsname *)(edge - 100)));
  SHOW(pipe((int *)(edge - 4)));
  SHOW(nanosleep((struct timespec *)(edge - 8), NULL));
  RAW(raw2(SYS_clock_gettime, CLOCK_MONOTONIC, edge - 8));
  RAW(raw2(SYS_gettimeofday, edge - 8, 0));
  SHOW(poll((struct pollfd *)edge, 1, 0));
  SHOW(getrlimit(RLIMIT_NOFILE, (struct rlimit *)edge));
  RAW(raw2(SYS_setrlimit, RLIMIT_NOFILE, edge));
  SHOW(readlink("/proc/self/exe", edge, 10));
  SHOW(symlink(edge, "x"));
  SHOW(rename("file", edge));
  SHOW(wait4(-1, (int *)edge, WNOHANG, NULL));
  RAW(raw3(SYS_getrandom, edge, 10, 0));
  int dir = MUST(open(".", O_RDONLY));
  RAW(raw3(SYS_getdents64, dir, edge, 1000));
  RAW(raw3(SYS_getdents64, dir, edge - 10, 10));
  long copied = raw3(SYS_getrandom, edge - 10, 100, 0);
  IS(copied == 10 || copied == -EFAULT);
  return 0;
}
