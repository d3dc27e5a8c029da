/* Lengths that are negative, overflow, or run past the end of user space; buffers that end at a hole. */
#include "difftest.h"
#include <sys/socket.h>

int main(void) {
  dt_start(30);
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
  char text[8192];
  memset(text, 'x', sizeof text);
  MUST(write(fd, text, sizeof text));
  char *m = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(m + 4096, 4096);
  const unsigned long lengths[] = {
    0, 1, 4096, 4097, 8192, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffff, 0x7fffffffffffffff, 0x8000000000000000,
    0xfffffffffffff000, 0xffffffffffffffff,
  };
  for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    unsigned long n = lengths[i];
    printf("--- %#lx\n", n);
    memset(m, 0, 4096);
    RAW_AS("pread into one page", raw4(SYS_pread64, fd, m, n, 0));
    IS_AS("page filled", m[0] == 'x' && m[4095] == 'x');
    RAW_AS("pread at its end", raw4(SYS_pread64, fd, m + 4090, n, 0));
    RAW_AS("pread beyond the file", raw4(SYS_pread64, fd, m, n, 1 << 20));
    RAW_AS("pread at a negative offset", raw4(SYS_pread64, fd, m, n, -1));
    RAW_AS("pread at a huge offset", raw4(SYS_pread64, fd, m, n, LONG_MAX));
    RAW_AS("pwrite from the page", raw4(SYS_pwrite64, fd, m, n, 0));
    struct iovec v[2] = {{m, 8}, {m + 8192, n}};
    RAW_AS("preadv", raw5(SYS_preadv, fd, v, 2, 0, 0));
    RAW_AS("readv count", raw3(SYS_readv, fd, v, n));
    RAW_AS("munmap", raw2(SYS_munmap, 0x7ffffffff000UL - 4096, n > 8192 ? n : -1UL));
    RAW_AS("mprotect", raw3(SYS_mprotect, m + 8192, n > 4096 ? n : 4096, PROT_READ | PROT_WRITE));
    RAW_AS("mmap", raw6(SYS_mmap, 0, n < 0x7fffffffffff ? -1UL : n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) < 0 ? -1 : 0);
    RAW_AS("mremap", raw4(SYS_mremap, m + 8192, 4096, n > 0xffffffff ? n : -1UL, 1));
    RAW_AS("madvise", raw3(SYS_madvise, m, n > 4096 ? n : 4096, MADV_NORMAL));
    RAW_AS("ftruncate", raw2(SYS_ftruncate, fd, n > 0x7fffffffffffffff ? n : 8192));
    RAW_AS("getcwd", raw2(SYS_getcwd, m, n) > 0 ? 0 : raw2(SYS_getcwd, m, n));
    RAW_AS("sigaction size", raw4(SYS_rt_sigaction, SIGUSR1, 0, 0, n));
    RAW_AS("getgroups", raw2(SYS_getgroups, (int)n < 0 ? n : 0, m) < 0 ? -EINVAL : 0);
    RAW_AS("poll count", raw3(SYS_poll, m, n > 8192 ? n : 0, 0));
  }
  return 0;
}
