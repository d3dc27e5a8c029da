/* Syscall numbers that do not exist, ioctls and commands that do not exist, descriptors that are not open. */
#include "difftest.h"
#include <sys/ioctl.h>
#include <sys/prctl.h>

int main(void) {
  dt_start(20);
  const long numbers[] = {337, 400, 423, 600, 1000, 0x7fffffff, 0x40000000 + 1, 0x123456789};
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    printf("%ld: ", numbers[i]);
    RAW_AS("call", raw0(numbers[i]));
  }
  const int fds[] = {-1, -100, 99, 1023, 1 << 20, INT_MAX, INT_MIN};
  char c;
  struct stat st;
  for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++) {
    int fd = fds[i];
    printf("--- %d\n", fd);
    RAW_AS("read", raw3(SYS_read, fd, &c, 1));
    RAW_AS("read nothing", raw3(SYS_read, fd, &c, 0));
    RAW_AS("write", raw3(SYS_write, fd, &c, 1));
    RAW_AS("close", raw1(SYS_close, fd));
    RAW_AS("fstat", raw2(SYS_fstat, fd, &st));
    RAW_AS("lseek", raw3(SYS_lseek, fd, 0, 0));
    RAW_AS("dup", raw1(SYS_dup, fd));
    RAW_AS("dup2", raw2(SYS_dup2, 1, fd < 0 || fd > 1 << 24 ? fd : INT_MAX));
    RAW_AS("dup2 from", raw2(SYS_dup2, fd, 1));
    RAW_AS("fcntl", raw3(SYS_fcntl, fd, F_GETFL, 0));
    RAW_AS("ioctl", raw3(SYS_ioctl, fd, FIONREAD, &c));
    RAW_AS("fchdir", raw1(SYS_fchdir, fd));
    RAW_AS("openat", fd == AT_FDCWD ? -1 : raw4(SYS_openat, fd, "x", O_RDONLY, 0));
    RAW_AS("mmap", raw6(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
  }
  int file = MUST(open("file", O_CREAT | O_RDWR, 0600));
  RAW_AS("ioctl on a file", raw3(SYS_ioctl, file, 0x12345678, 0));
  RAW_AS("tty ioctl on a file", raw3(SYS_ioctl, file, TIOCGWINSZ, &st));
  RAW_AS("fcntl of no command", raw3(SYS_fcntl, file, 9999, 0));
  RAW_AS("dupfd negative", raw3(SYS_fcntl, file, F_DUPFD, -1));
  RAW_AS("lseek whence", raw3(SYS_lseek, file, 0, 77));
  RAW_AS("lseek before", raw3(SYS_lseek, file, -1, SEEK_SET));
  RAW_AS("kill signal", raw2(SYS_kill, getpid(), 65));
  RAW_AS("kill negative", raw2(SYS_kill, getpid(), -1));
  RAW_AS("prctl", raw5(SYS_prctl, 9999, 0, 0, 0, 0));
  RAW_AS("madvise", raw3(SYS_madvise, (long)&main & -4096L, 4096, 9999));
  RAW_AS("mmap without type", raw6(SYS_mmap, 0, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0));
  RAW_AS("mmap offset", raw6(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, file, 5));
  RAW_AS("futex", raw4(SYS_futex, &st, 77, 0, 0));
  RAW_AS("futex unaligned", raw4(SYS_futex, (char *)&st + 1, 0, 0, 0));
  RAW_AS("clock", raw2(SYS_clock_gettime, 77, &st));
  RAW_AS("clone", raw5(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
  RAW_AS("clone sighand", raw5(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0));
  RAW_AS("wait4", raw4(SYS_wait4, -1, 0, 0x80, 0));
  RAW_AS("setpgid", raw2(SYS_setpgid, 0, -5));
  RAW_AS("getpriority", raw2(SYS_getpriority, 7, 0));
  RAW_AS("pipe2", raw2(SYS_pipe2, &st, 1));
  RAW_AS("dup3", raw3(SYS_dup3, 1, 1, 0));
  return 0;
}
