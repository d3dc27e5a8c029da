/* A fault whose signal is blocked or ignored kills; a fault inside its own handler kills; killed by default. */
#include "difftest.h"

static void block(int sig) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, sig);
  sigprocmask(SIG_BLOCK, &set, NULL);
}
static void again(int sig) { (void)sig; *(volatile int *)4 = 1; }
static void once(int sig) { (void)sig; write(1, "in handler\n", 11); _exit(33); }

static void segv_default(void) { *(volatile int *)4 = 1; }
static void segv_ignored(void) { signal(SIGSEGV, SIG_IGN); segv_default(); }
static void segv_blocked(void) { signal(SIGSEGV, once); block(SIGSEGV); segv_default(); }
static void segv_nested(void) { signal(SIGSEGV, again); segv_default(); }
static void fpe(void) { volatile int one = 1, zero = 0; printf("%d\n", one / zero); }
static void fpe_ignored(void) { signal(SIGFPE, SIG_IGN); fpe(); }
static void ill(void) { __asm__ volatile("ud2"); }
static void trap(void) { __asm__ volatile("int3"); }
static void raised_ignored(void) { signal(SIGSEGV, SIG_IGN); raise(SIGSEGV); _exit(34); }
static void raised_blocked(void) { block(SIGSEGV); raise(SIGSEGV); _exit(35); }
static void bad_stack(void) {
  signal(SIGSEGV, once);
  __asm__ volatile("mov $16, %%rsp; push %%rax" ::: "memory");
}
static void handler_bad_address(void) {
  signal(SIGUSR1, (void (*)(int))0x10);
  raise(SIGUSR1);
}
static void caught(void) { signal(SIGSEGV, once); segv_default(); }

int main(void) {
  dt_start(20);
  dt_in_child("default", segv_default);
  dt_in_child("ignored", segv_ignored);
  dt_in_child("blocked", segv_blocked);
  dt_in_child("again in the handler", segv_nested);
  dt_in_child("divide", fpe);
  dt_in_child("divide ignored", fpe_ignored);
  dt_in_child("ud2", ill);
  dt_in_child("int3", trap);
  dt_in_child("raised ignored", raised_ignored);
  dt_in_child("raised blocked", raised_blocked);
  dt_in_child("no stack for the handler", bad_stack);
  dt_in_child("handler at a bad address", handler_bad_address);
  dt_in_child("caught", caught);
  fflush(stdout);
  *(volatile int *)4 = 1;
  return 0;
}
