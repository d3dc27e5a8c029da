/* Pointers into the kernel half, non-canonical ones and the last page of user space, for every kind of syscall argument. */
#include "difftest.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static const unsigned long bad[] = {
  0xffff800000000000, 0xffffffff81000000, 0xfffffffffffff000, 0xffffffffffffffff, 0x800000000000, 0x7ffffffff000,
  0x7fffffffffff, 0x8000000000000000, 0x1, 0xfff, 0,
};

int main(void) {
  dt_start(30);
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600)), p[2];
  MUST(write(fd, "0123456789", 10));
  MUST(pipe(p));
  MUST(write(p[1], "abc", 3));
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
    unsigned long a = bad[i];
    printf("--- %#lx\n", a);
    RAW_AS("open", raw3(SYS_open, a, O_RDONLY, 0));
    RAW_AS("stat path", raw2(SYS_stat, a, &fd));
    RAW_AS("fstat", raw2(SYS_fstat, fd, a));
    RAW_AS("pread", raw4(SYS_pread64, fd, a, 10, 0));
    RAW_AS("pwrite", raw4(SYS_pwrite64, fd, a, 10, 0));
    RAW_AS("read pipe", raw3(SYS_read, p[0], a, 3));
    RAW_AS("write pipe", raw3(SYS_write, p[1], a, 3));
    RAW_AS("readv", raw3(SYS_readv, fd, a, 1));
    struct iovec v = {(void *)a, 10};
    RAW_AS("preadv", raw5(SYS_preadv, fd, &v, 1, 0, 0));
    RAW_AS("getdents", raw3(SYS_getdents64, MUST(open(".", O_RDONLY)), a, 100));
    RAW_AS("getcwd", raw2(SYS_getcwd, a, 100));
    RAW_AS("readlink", raw3(SYS_readlink, "/proc/self/exe", a, 100));
    RAW_AS("pipe", raw1(SYS_pipe, a));
    RAW_AS("poll", raw3(SYS_poll, a, 1, 0));
    RAW_AS("uname", raw1(SYS_uname, a));
    RAW_AS("sysinfo", raw1(SYS_sysinfo, a));
    RAW_AS("getrandom", raw3(SYS_getrandom, a, 16, 0));
    RAW_AS("execve path", raw3(SYS_execve, a, 0, 0));
    RAW_AS("execve argv", raw3(SYS_execve, "/bin/true", a == 0 ? 1 : a, 0));
    RAW_AS("clock_gettime", raw2(SYS_clock_gettime, CLOCK_MONOTONIC, a));
    RAW_AS("nanosleep", raw2(SYS_nanosleep, a, 0));
    RAW_AS("futex wait", raw4(SYS_futex, a, 0, 5, 0));
    RAW_AS("futex wake", raw3(SYS_futex, a, 1, 1));
    if (a) {
      RAW_AS("sigaction", raw4(SYS_rt_sigaction, SIGUSR1, a, 0, 8));
      RAW_AS("sigaction old", raw4(SYS_rt_sigaction, SIGUSR1, 0, a, 8));
      RAW_AS("sigprocmask", raw4(SYS_rt_sigprocmask, SIG_BLOCK, a, 0, 8));
      RAW_AS("sigaltstack", raw2(SYS_sigaltstack, 0, a));
      RAW_AS("getrlimit", raw4(SYS_prlimit64, 0, RLIMIT_STACK, 0, a));
      RAW_AS("select", raw5(SYS_select, 8, a, 0, 0, 0));
      RAW_AS("getitimer", raw2(SYS_getitimer, ITIMER_REAL, a));
      RAW_AS("gettimeofday", raw2(SYS_gettimeofday, a, 0));
    }
    RAW_AS("wait4", raw4(SYS_wait4, -1, a, WNOHANG, 0));
    RAW_AS("munmap", raw2(SYS_munmap, a & ~0xfffUL, 4096));
    RAW_AS("mprotect", raw3(SYS_mprotect, (a & ~0xfffUL) | 0x1000, 4096, 0) == 0 ? 0 : -ENOMEM);
    RAW_AS("mmap fixed", raw6(SYS_mmap, a & ~0xfffUL, 4096, 0, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) < 0 ? -1 : 0);
  }
  return 0;
}
