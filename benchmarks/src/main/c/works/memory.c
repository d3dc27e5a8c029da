/* Page faults, mapping, forking with memory, and the memory's bandwidth (lmbench's lat_pagefault, lat_mmap, bw_mem). */
#include "works.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PAGE 4096l
#define MIB (1l << 20)

static char *memory;
static long size;
static int file;

static char *anonymous(long bytes) {
  char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) fail("mmap");
  return p;
}

static void touch(char *from, long bytes, long step) {
  for (long at = 0; at < bytes; at += step) ((volatile char *)from)[at] = 1;
}

/* Anonymous pages in ascending order: what the kernel brings in beforehand is its merit. */
static void faults(long count) {
  char *p = anonymous(count * PAGE);
  touch(p, count * PAGE, PAGE);
  munmap(p, count * PAGE);
}
WORK(fault, .turn = faults)

/* One page mapped, touched and unmapped: nothing can be brought in beforehand. */
static void lone_faults(long count) {
  for (long i = 0; i < count; i++) {
    char *p = anonymous(PAGE);
    *(volatile char *)p = 1;
    munmap(p, PAGE);
  }
}
WORK(lone_fault, .turn = lone_faults)

/* As many MiB of new anonymous memory as the count says: nanoseconds, and page faults that the kernel counted. */
static void touch_all(long mib) {
  struct rusage before, after;
  char *p = anonymous(mib * MIB);
  getrusage(RUSAGE_SELF, &before);
  long long begin = now_ns();
  touch(p, mib * MIB, PAGE);
  long long took = now_ns() - begin;
  getrusage(RUSAGE_SELF, &after);
  munmap(p, mib * MIB);
  answer(took);
  answer(after.ru_minflt - before.ru_minflt);
}
WORK(touch, .turn = touch_all)

static void fill(long mib) {
  size = mib * MIB;
  memory = anonymous(size);
  touch(memory, size, PAGE);
}

static void unmap(void) { munmap(memory, size); }

static void forks(long count) {
  for (long i = 0; i < count; i++) {
    pid_t pid = must(fork(), "fork");
    if (pid == 0) _exit(0);
    waitpid(pid, NULL, 0);
  }
}

/* Only the fork itself; afterwards the memory is made the parent's own again. */
static void fork_filled(long count) {
  long long took = 0;
  for (long i = 0; i < count; i++) {
    long long begin = now_ns();
    pid_t pid = must(fork(), "fork");
    if (pid == 0) _exit(0);
    took += now_ns() - begin;
    waitpid(pid, NULL, 0);
    touch(memory, size, PAGE);
  }
  answer(took);
}
WORK(fork_filled, .begin = fill, .turn = fork_filled, .end = unmap)
WORK(fork_exit, .turn = forks)

/* Taking the right to write away and giving it back, with all pages in use. */
static void protect(long count) {
  long long took = 0;
  for (long i = 0; i < count; i++) {
    long long begin = now_ns();
    must(mprotect(memory, size, PROT_READ), "mprotect");
    took += now_ns() - begin;
    must(mprotect(memory, size, PROT_READ | PROT_WRITE), "mprotect");
    touch(memory, size, PAGE);
  }
  answer(took);
}
WORK(protect, .begin = fill, .turn = protect, .end = unmap)

static void open_file(long mib) {
  size = mib * MIB;
  char path[] = "/tmp/works-XXXXXX";
  file = must(mkstemp(path), "mkstemp");
  unlink(path);
  must(ftruncate(file, size), "ftruncate");
}

static void close_file(void) { close(file); }

/* A page in every 16 KiB of a shared file is touched, as lat_mmap does. */
static void maps(long count) {
  for (long i = 0; i < count; i++) {
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (p == MAP_FAILED) fail("mmap");
    touch(p, size, 4 * PAGE);
    munmap(p, size);
  }
}
WORK(mmap, .begin = open_file, .turn = maps, .end = close_file)

/* A MiB at a time, within the memory. */
static void read_memory(long count) {
  unsigned long sum = 0;
  for (long i = 0; i < count; i++) {
    const unsigned long *p = (void *)(memory + i % (size / MIB) * MIB);
    for (long j = 0; j < MIB / 8; j++) sum += p[j];
  }
  volatile unsigned long used = sum;
  (void)used;
}
WORK(bw_read, .begin = fill, .turn = read_memory, .end = unmap)

static void copy_memory(long count) {
  long half = size / MIB / 2;
  for (long i = 0; i < count; i++) memcpy(memory + i % half * MIB, memory + (half + i % half) * MIB, MIB);
}
WORK(bw_copy, .begin = fill, .turn = copy_memory, .end = unmap)
