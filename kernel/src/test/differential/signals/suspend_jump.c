/* sigsuspend, siglongjmp out of handlers, nested handlers, sigreturn restoring registers and mask, SIGPIPE. */
#include "difftest.h"
#include <ucontext.h>

static sigjmp_buf env;
static jmp_buf plain_env;
static volatile int order[16], n;

static void jumps(int sig) { (void)sig; siglongjmp(env, 5); }
static void plain_jumps(int sig) { (void)sig; longjmp(plain_env, 6); }
static void outer(int sig) {
  order[n++] = sig;
  raise(SIGUSR2);
  order[n++] = -sig;
}
static void inner(int sig) { order[n++] = sig; order[n++] = -sig; }
static void edits(int sig, siginfo_t *info, void *context) {
  (void)sig;
  (void)info;
  ucontext_t *uc = context;
  uc->uc_mcontext.gregs[REG_RBX] = 0x1234;
  sigaddset(&uc->uc_sigmask, SIGHUP);
}
static void skips(int sig, siginfo_t *info, void *context) {
  (void)sig;
  (void)info;
  ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

static bool blocked(int sig) {
  sigset_t set;
  sigprocmask(SIG_BLOCK, NULL, &set);
  return sigismember(&set, sig);
}

static void bad_sigreturn(void) {
  __asm__ volatile("mov $8, %%rsp; mov $15, %%eax; syscall" ::: "rax", "memory");
}

int main(void) {
  dt_start(20);
  signal(SIGUSR1, jumps);
  int r = sigsetjmp(env, 1);
  if (r == 0) raise(SIGUSR1);
  printf("siglongjmp %d, blocked %d\n", r, blocked(SIGUSR1));
  signal(SIGUSR1, plain_jumps);
  r = setjmp(plain_env);
  if (r == 0) raise(SIGUSR1);
  printf("longjmp %d, blocked %d\n", r, blocked(SIGUSR1));
  sigset_t none, some;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGUSR1, outer);
  signal(SIGUSR2, inner);
  raise(SIGUSR1);
  for (int i = 0; i < n; i++) printf("%s%s ", order[i] < 0 ? "-" : "+", sname(abs(order[i])));
  printf("\n");
  n = 0;
  sigemptyset(&some);
  sigaddset(&some, SIGUSR1);
  sigaddset(&some, SIGUSR2);
  sigprocmask(SIG_BLOCK, &some, NULL);
  raise(SIGUSR2);
  raise(SIGUSR1);
  SHOW(sigsuspend(&none));
  for (int i = 0; i < n; i++) printf("%s%s ", order[i] < 0 ? "-" : "+", sname(abs(order[i])));
  printf("\n");
  IS(blocked(SIGUSR1) && blocked(SIGUSR2));
  sigprocmask(SIG_SETMASK, &none, NULL);
  struct sigaction sa = {.sa_sigaction = edits, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &sa, NULL);
  long rbx = 1, result;
  __asm__ volatile("mov $62, %%eax; syscall" : "=a"(result), "+b"(rbx) : "D"((long)getpid()), "S"((long)SIGUSR1)
                   : "rcx", "r11", "memory");
  printf("kill %ld, rbx from the handler %#lx, mask edited %d\n", result, rbx, blocked(SIGHUP));
  sa.sa_sigaction = skips;
  sigaction(SIGILL, &sa, NULL);
  __asm__ volatile("ud2");
  printf("skipped ud2\n");
  int pipes[2];
  MUST(pipe(pipes));
  close(pipes[0]);
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(pipes[1], "x", 1));
  signal(SIGPIPE, inner);
  n = 0;
  SHOW(write(pipes[1], "x", 1));
  printf("handled %s\n", n == 2 ? sname(order[0]) : "nothing");
  SHOW(write(pipes[1], "", 0));
  dt_in_child("bad sigreturn", bad_sigreturn);
  RAW(raw2(SYS_rt_sigsuspend, &none, 4));
  RAW(raw2(SYS_rt_sigsuspend, 8, 8));
  return 0;
}
