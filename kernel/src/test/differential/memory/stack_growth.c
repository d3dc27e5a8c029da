/* The stack grows to its limit and no further; thread stacks and guards; MAP_GROWSDOWN; maps near the stack. */
#include "difftest.h"
#include <alloca.h>

#pragma GCC diagnostic ignored "-Winfinite-recursion"
static int __attribute__((noinline)) use(int kib) {
  volatile char room[1024];
  room[0] = (char)kib;
  return kib == 0 ? 0 : use(kib - 1) + (room[0] == (char)kib);
}

static int __attribute__((noinline)) endless(int n) {
  volatile char room[4096];
  room[n & 4095] = 1;
  return endless(n + 1) + room[0];
}

static void deep(void) { printf("frames kept %d\n", use(3000)); }
static void too_deep(void) { endless(0); }
static void small_limit(void) {
  struct rlimit limit = {256 * 1024, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &limit);
  printf("within %d\n", use(60));
  use(1000);
}
static void big_alloca(void) {
  volatile char *p = alloca(4 << 20);
  p[0] = 1;
  p[(4 << 20) - 1] = 2;
  printf("4 MiB alloca, touched at the far end %d\n", p[0]);
}
static void *thread_overflow(void *arg) {
  (void)arg;
  endless(0);
  return NULL;
}
static void thread_guard(void) {
  pthread_t t;
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 64 * 1024);
  pthread_create(&t, &attr, thread_overflow, NULL);
  pthread_join(t, NULL);
}
static void kernel_touches(void) {
  volatile char *p = alloca(1 << 20);
  int zero = open("/dev/zero", O_RDONLY);
  printf("read into untouched stack %ld\n", (long)read(zero, (char *)p, 100000));
  printf("sum %d\n", p[0] + p[99999]);
}
static void grows_down(void) {
  dt_catch_faults();
  char *hole = mmap(NULL, 64 * 1024, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(hole, 64 * 1024);
  char *p = mmap(hole + 60 * 1024, 4096, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);
  IS(p == hole + 60 * 1024);
  FAULT("inside", p, p[0] = 1);
}

static void after_exec(const char *size, const char *label) {
  char command[64];
  snprintf(command, sizeof command, "ulimit -s %s; ulimit -s", size);
  printf("%s: ", label);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(99);
  }
  dt_reap("sh", pid);
}

int main(void) {
  dt_start(20);
  struct rlimit limit;
  getrlimit(RLIMIT_STACK, &limit);
  limit.rlim_cur = 8 << 20;
  setrlimit(RLIMIT_STACK, &limit);
  dt_in_child("3 MB deep", deep);
  dt_in_child("without end", too_deep);
  dt_in_child("small limit", small_limit);
  dt_in_child("big alloca", big_alloca);
  dt_in_child("thread guard", thread_guard);
  dt_in_child("kernel touches", kernel_touches);
  dt_in_child("growsdown", grows_down);
  after_exec("512", "limit over exec");
  return 0;
}
