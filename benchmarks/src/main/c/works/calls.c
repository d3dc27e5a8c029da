/* System calls one by one, as lmbench's lat_syscall measures them. */
#include "works.h"
#include <fcntl.h>
#include <sys/stat.h>

static long number;
static int fd;

static void set_number(long argument) { number = argument; }

/* By SYSCALL, without libc in between. */
static void raw(long count) {
  for (long i = 0; i < count; i++) {
    long result = number;
    __asm__ volatile("syscall" : "+a"(result) : "D"(0) : "rcx", "r11", "memory");
  }
}
WORK(syscall, .begin = set_number, .turn = raw)

/* Through libc and the vDSO. */
static void clock_calls(long count) {
  struct timespec now;
  for (long i = 0; i < count; i++) clock_gettime(CLOCK_MONOTONIC, &now);
}
WORK(clock, .turn = clock_calls)

static void open_zero(long unused) {
  (void)unused;
  fd = must(open("/dev/zero", O_RDONLY), "/dev/zero");
}

static void open_null(long unused) {
  (void)unused;
  fd = must(open("/dev/null", O_WRONLY), "/dev/null");
}

static void close_fd(void) { close(fd); }

static void reads(long count) {
  char byte;
  for (long i = 0; i < count; i++) must(read(fd, &byte, 1), "read");
}
WORK(read, .begin = open_zero, .turn = reads, .end = close_fd)

static void writes(long count) {
  char byte = 0;
  for (long i = 0; i < count; i++) must(write(fd, &byte, 1), "write");
}
WORK(write, .begin = open_null, .turn = writes, .end = close_fd)

static void stats(long count) {
  struct stat s;
  for (long i = 0; i < count; i++) must(stat("/usr/bin/env", &s), "stat");
}
WORK(stat, .turn = stats)

static void opens(long count) {
  for (long i = 0; i < count; i++) close(must(open("/usr/bin/env", O_RDONLY), "open"));
}
WORK(open, .turn = opens)
