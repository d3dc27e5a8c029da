/*
 * Cheap calls in quick succession, which a kernel may answer without the caller leaving user mode: results, errors,
 * registers, under a rain of signals, in threads, across fork, exec of a thread's process and a seccomp filter.
 */
#include "difftest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

enum { MANY = 3000 };

static long call(long number, long a) {
  __asm__ volatile("syscall" : "+a"(number) : "D"(a) : "rcx", "r11", "memory");
  return number;
}

static atomic_int rain;

static void drop(int sig UNUSED) {
  rain++;
  call(SYS_umask, 027);
}

static bool quick(long pgrp) {
  for (int i = 0; i < MANY; i++) {
    if (call(SYS_getpgrp, i) != pgrp || call(SYS_getpgid, 0) != pgrp) return false;
    if (call(SYS_getpgid, -1) != -ESRCH) return false;
    if (call(SYS_sched_get_priority_max, SCHED_FIFO) != 99) return false;
    if (call(SYS_sched_get_priority_max, 77) != -EINVAL) return false;
    if (call(SYS_sched_getscheduler, 0) != SCHED_OTHER) return false;
  }
  return true;
}

static bool registers(long pgrp) {
  for (int i = 0; i < MANY; i++) {
    long rax = SYS_getpgrp, rdx = i * 3, flags = 0;
    register long r8 __asm__("r8") = i + 8, r9 __asm__("r9") = i + 9, r10 __asm__("r10") = i + 10;
    long rdi = i + 1, rsi = i + 2;
    __asm__ volatile("cmp $0x7fffffff, %%edi; stc; syscall; lea -128(%%rsp), %%rsp; pushfq; pop %[f];"
                     "lea 128(%%rsp), %%rsp"
                     : "+a"(rax), "+d"(rdx), "+D"(rdi), "+S"(rsi), "+r"(r8), "+r"(r9), "+r"(r10), [f] "=&r"(flags)
                     :
                     : "rcx", "r11", "memory", "cc");
    if (rax != pgrp || rdx != i * 3 || rdi != i + 1 || rsi != i + 2 || r8 != i + 8 || r9 != i + 9 || r10 != i + 10)
      return false;
    if (!(flags & 1) || (flags & 0x40)) return false;
  }
  return true;
}

static bool masks(void) {
  for (int i = 0; i < MANY; i++) {
    if (call(SYS_umask, i & 0777) != (i == 0 ? 022 : (i - 1) & 0777)) return false;
  }
  return call(SYS_umask, 022) == ((MANY - 1) & 0777);
}

static void *body(void *result) {
  *(int *)result = quick(getpgrp());
  return NULL;
}

static void threads(void) {
  pthread_t t[3];
  int ok[3] = {0, 0, 0};
  for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, body, &ok[i]);
  for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);
  dt_truth("three threads", ok[0] && ok[1] && ok[2]);
}

static void signals(void) {
  struct sigaction action = {.sa_handler = drop};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &often, NULL);
  bool right = true;
  while (atomic_load(&rain) < 50 && right) right = quick(getpgrp()) && registers(getpgrp());
  setitimer(ITIMER_REAL, &never, NULL);
  dt_truth("with signals", right);
  dt_truth("the handlers' call was served", umask(022) == 027);
}

static void forks(void) {
  for (int i = 0; i < 5; i++) {
    quick(getpgrp());
    pid_t child = fork();
    if (child == 0) {
      setpgid(0, 0);
      _exit(quick(getpid()) ? 3 : 4);
    }
    int status = -1;
    waitpid(child, &status, 0);
    printf("child %d\n", WEXITSTATUS(status));
  }
}

static void killed(void) {
  pid_t child = fork();
  if (child == 0)
    for (;;) quick(getpgrp());
  usleep(20000);
  kill(child, SIGKILL);
  int status = -1;
  waitpid(child, &status, 0);
  printf("killed by %s\n", sname(WTERMSIG(status)));
}

static void filtered(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EBADF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {4, code};
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  quick(getpgrp());
  SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
  bool all = true;
  for (int i = 0; i < MANY; i++) all = all && call(SYS_getpgrp, 0) == -EBADF;
  dt_truth("the filter answers", all);
}

int main(void) {
  umask(022);
  long pgrp = getpgrp();
  dt_truth("results", quick(pgrp));
  dt_truth("registers", registers(pgrp));
  dt_truth("effects, once each", masks());
  threads();
  signals();
  forks();
  killed();
  filtered();
  return 0;
}
