/*
 * Shared by all differential test programs. A program prints facts that must be the same on every correct Linux:
 * results, errno names and yes/no answers, never addresses, process ids, descriptor numbers or times.
 */
#ifndef DIFFTEST_H
#define DIFFTEST_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

/* The name of an errno value; "0" for none. */
UNUSED static const char *ename(int e) {
  const char *name = e == 0 ? "0" : strerrorname_np(e);
  return name ? name : "E?";
}

/* The name of a signal, with "SIG". Static storage, one call per printf. */
UNUSED static const char *sname(int sig) {
  static _Thread_local char buf[4][24];
  static _Thread_local int next;
  char *b = buf[next++ & 3];
  const char *name = sigabbrev_np(sig);
  if (name) snprintf(b, 24, "SIG%s", name);
  else if (sig >= SIGRTMIN && sig <= SIGRTMAX) snprintf(b, 24, "SIGRTMIN+%d", sig - SIGRTMIN);
  else snprintf(b, 24, "SIG#%d", sig);
  return b;
}

/* Prints a result: the number, or the errno name when it is -1. */
UNUSED static long dt_show(const char *label, long result, int err) {
  if (result == -1 && err != 0) printf("%s = -1 %s\n", label, ename(err));
  else printf("%s = %ld\n", label, result);
  return result;
}

/* Prints "ok" or the errno name; for results that are numbers nobody may depend on. */
UNUSED static long dt_ok(const char *label, long result, int err) {
  if (result == -1) printf("%s: %s\n", label, ename(err));
  else printf("%s: ok\n", label);
  return result;
}

UNUSED static bool dt_truth(const char *label, bool value) {
  printf("%s: %s\n", label, value ? "yes" : "no");
  return value;
}

/* The result of a call, with the text of the call as its label. */
#define SHOW(call) ({ errno = 0; long r_ = (long)(call); dt_show(#call, r_, errno); })
/* Whether a call succeeded, else its errno. */
#define OK(call) ({ errno = 0; long r_ = (long)(call); dt_ok(#call, r_, errno); })
/* The same with a label of one's own. */
#define SHOW_AS(label, call) ({ errno = 0; long r_ = (long)(call); dt_show(label, r_, errno); })
#define OK_AS(label, call) ({ errno = 0; long r_ = (long)(call); dt_ok(label, r_, errno); })
/* A condition, yes or no. */
#define IS(cond) dt_truth(#cond, (cond))
#define IS_AS(label, cond) dt_truth(label, (cond))
/* A call that must succeed for the rest of the program to make sense. */
#define MUST(call) ({ errno = 0; long r_ = (long)(call); \
  if (r_ == -1) { printf("line %d: %s failed: %s\n", __LINE__, #call, ename(errno)); exit(99); } r_; })

/* Call first: lines are written whole, and nothing runs longer than the given seconds. */
UNUSED static void dt_start(unsigned seconds) {
  setvbuf(stdout, NULL, _IOLBF, 4096);
  signal(SIGALRM, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  umask(022);
  alarm(seconds);
}

/* Describes a wait status. */
UNUSED static void dt_status(const char *label, int status) {
  if (WIFEXITED(status)) printf("%s: exited %d\n", label, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) printf("%s: killed by %s\n", label, sname(WTERMSIG(status)));
  else if (WIFSTOPPED(status)) printf("%s: stopped by %s\n", label, sname(WSTOPSIG(status)));
  else if (WIFCONTINUED(status)) printf("%s: continued\n", label);
  else printf("%s: status %#x\n", label, status);
}

/* Waits for one child and prints how it ended. */
UNUSED static int dt_reap(const char *label, pid_t pid) {
  int status = 0;
  pid_t got;
  do got = waitpid(pid, &status, 0);
  while (got == -1 && errno == EINTR);
  if (got != pid) { printf("%s: wait: %s\n", label, ename(errno)); return -1; }
  dt_status(label, status);
  return status;
}

/* Runs a function in a child with a time limit of its own and prints how the child ended. */
UNUSED static int dt_in_child(const char *label, void (*body)(void)) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(15);
    body();
    fflush(stdout);
    _exit(0);
  }
  if (pid < 0) { printf("%s: fork: %s\n", label, ename(errno)); return -1; }
  return dt_reap(label, pid);
}

/* Sleeps at least this long whatever signals come. */
UNUSED static void dt_sleep_ms(long ms) {
  struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR) {}
}

UNUSED static long dt_now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until process or thread `pid` is in one of the states given (letters of /proc/PID/stat), at most 5 s. */
UNUSED static bool dt_await_state(pid_t pid, const char *states) {
  char path[64], buf[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  for (int i = 0; i < 1000; i++) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    if (n <= 0) return false;
    buf[n] = 0;
    char *paren = strrchr(buf, ')');
    if (paren && strchr(states, paren[2])) return true;
    dt_sleep_ms(5);
  }
  return false;
}

/* Waits until *word has the value, at most 5 s. */
UNUSED static bool dt_await(atomic_int *word, int value) {
  for (int i = 0; i < 5000; i++) {
    if (atomic_load(word) == value) return true;
    dt_sleep_ms(1);
  }
  return false;
}

static sigjmp_buf dt_fault_env UNUSED;
static volatile int dt_fault_sig UNUSED, dt_fault_code UNUSED;
static void *volatile dt_fault_addr UNUSED;

UNUSED static void dt_on_fault(int sig, siginfo_t *info, void *context) {
  (void)context;
  dt_fault_sig = sig;
  dt_fault_code = info->si_code;
  dt_fault_addr = info->si_addr;
  siglongjmp(dt_fault_env, 1);
}

/* Sends the synchronous signals to DT_FAULT below. */
UNUSED static void dt_catch_faults(void) {
  struct sigaction sa = {.sa_sigaction = dt_on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  int sigs[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) sigaction(sigs[i], &sa, NULL);
}

UNUSED static const char *dt_fault_text(void) {
  int c = dt_fault_code;
  switch (dt_fault_sig) {
    case SIGSEGV:
      return c == SEGV_MAPERR ? "SIGSEGV MAPERR" : c == SEGV_ACCERR ? "SIGSEGV ACCERR"
        : c == SI_KERNEL ? "SIGSEGV KERNEL" : "SIGSEGV other";
    case SIGBUS: return c == BUS_ADRERR ? "SIGBUS ADRERR" : c == BUS_ADRALN ? "SIGBUS ADRALN" : "SIGBUS other";
    case SIGFPE: return c == FPE_INTDIV ? "SIGFPE INTDIV" : c == FPE_FLTDIV ? "SIGFPE FLTDIV" : "SIGFPE other";
    case SIGILL: return c == ILL_ILLOPN ? "SIGILL ILLOPN" : c == ILL_ILLOPC ? "SIGILL ILLOPC" : "SIGILL other";
    case SIGTRAP: return c == TRAP_BRKPT ? "SIGTRAP BRKPT" : c == TRAP_TRACE ? "SIGTRAP TRACE"
        : c == SI_KERNEL ? "SIGTRAP KERNEL" : "SIGTRAP other";
    default: return "?";
  }
}

/* Runs a statement and prints whether it faulted, how, and whether the address reported is the one expected. */
#define FAULT(label, expected_addr, statement) do { \
  if (sigsetjmp(dt_fault_env, 1) == 0) { statement; printf("%s: no fault\n", label); } \
  else printf("%s: %s addr %s\n", label, dt_fault_text(), \
      dt_fault_addr == (void *)(expected_addr) ? "right" : "wrong"); \
} while (0)

/* A system call whose raw result (-errno) is shown without glibc between. */
UNUSED static long raw6(long nr, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long ret;
  __asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return ret;
}
#define raw0(nr) raw6(nr, 0, 0, 0, 0, 0, 0)
#define raw1(nr, a) raw6(nr, (long)(a), 0, 0, 0, 0, 0)
#define raw2(nr, a, b) raw6(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define raw3(nr, a, b, c) raw6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define raw4(nr, a, b, c, d) raw6(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define raw5(nr, a, b, c, d, e) raw6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

UNUSED static void dt_raw(const char *label, long result) {
  if (result < 0 && result > -4096) printf("%s = %s\n", label, ename((int)-result));
  else printf("%s = %ld\n", label, result);
}
/* A raw system call by its text: errno name or number. */
#define RAW(call) dt_raw(#call, (call))
#define RAW_AS(label, call) dt_raw(label, (call))
/* Only whether it failed, and how. */
#define RAW_OK(call) ({ long r_ = (call); \
  if (r_ < 0 && r_ > -4096) printf("%s: %s\n", #call, ename((int)-r_)); else printf("%s: ok\n", #call); r_; })

UNUSED static void dt_write_file(const char *path, const char *text, mode_t mode) {
  int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, mode);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
    printf("cannot write %s: %s\n", path, ename(errno));
    exit(99);
  }
  fchmod(fd, mode);
  close(fd);
}

/* Checks memory for one repeated byte. */
UNUSED static bool dt_all(const void *p, int byte, size_t n) {
  const unsigned char *b = p;
  for (size_t i = 0; i < n; i++) if (b[i] != (unsigned char)byte) return false;
  return true;
}

#endif
