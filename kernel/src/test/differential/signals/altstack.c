/* sigaltstack: handlers run on it, it survives stack overflow, flags, errors, nesting, SS_AUTODISARM. */
#include "difftest.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif
static char alt[64 * 1024], other[64 * 1024];
static volatile int on_alt, flags_inside, error_inside;
static sigjmp_buf out;

static void look(int sig) {
  char here;
  on_alt = &here >= alt && &here < alt + sizeof alt;
  stack_t ss;
  sigaltstack(NULL, &ss);
  flags_inside = ss.ss_flags;
  stack_t new = {.ss_sp = other, .ss_size = sizeof other};
  errno = 0;
  error_inside = sigaltstack(&new, NULL) == -1 ? errno : 0;
  if (sig == SIGSEGV) siglongjmp(out, 1);
}

#pragma GCC diagnostic ignored "-Winfinite-recursion"
static int __attribute__((noinline)) overflow(int n) {
  volatile char room[4096];
  room[0] = (char)n;
  return overflow(n + 1) + room[0];
}

static void use(const char *label, int flags, int sig) {
  struct sigaction sa = {.sa_handler = look, .sa_flags = flags};
  sigaction(sig, &sa, NULL);
  on_alt = flags_inside = error_inside = -1;
  if (sig != SIGSEGV) raise(sig);
  else if (sigsetjmp(out, 1) == 0) overflow(0);
  printf("%s: on alternate stack %d, flags %s, change inside %s\n", label, on_alt,
         flags_inside == SS_ONSTACK ? "ONSTACK" : flags_inside == SS_DISABLE ? "DISABLE"
           : flags_inside == 0 ? "0" : "other", ename(error_inside));
}

static void no_altstack(void) {
  stack_t off = {.ss_flags = SS_DISABLE};
  sigaltstack(&off, NULL);
  struct sigaction sa = {.sa_handler = look, .sa_flags = SA_ONSTACK};
  sigaction(SIGSEGV, &sa, NULL);
  overflow(0);
}

int main(void) {
  dt_start(20);
  struct rlimit limit = {1 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &limit);
  stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt}, old;
  SHOW(sigaltstack(NULL, &old));
  IS(old.ss_flags == SS_DISABLE);
  use("none set", SA_ONSTACK, SIGUSR1);
  stack_t off = {.ss_flags = SS_DISABLE};
  sigaltstack(&off, NULL);
  SHOW(sigaltstack(&ss, &old));
  SHOW(sigaltstack(NULL, &old));
  IS(old.ss_sp == alt && old.ss_size == sizeof alt && old.ss_flags == 0);
  use("without SA_ONSTACK", 0, SIGUSR1);
  sigaltstack(&ss, NULL);
  use("with SA_ONSTACK", SA_ONSTACK, SIGUSR1);
  use("overflow", SA_ONSTACK, SIGSEGV);
  use("overflow again", SA_ONSTACK, SIGSEGV);
  stack_t armed = {.ss_sp = alt, .ss_size = sizeof alt, .ss_flags = (int)SS_AUTODISARM};
  SHOW(sigaltstack(&armed, NULL));
  use("autodisarm", SA_ONSTACK, SIGUSR2);
  sigaltstack(NULL, &old);
  IS(old.ss_flags == (int)SS_AUTODISARM && old.ss_sp == alt);
  stack_t small = {.ss_sp = alt, .ss_size = 100};
  SHOW(sigaltstack(&small, NULL));
  stack_t bad = {.ss_sp = alt, .ss_size = sizeof alt, .ss_flags = 0x40};
  SHOW(sigaltstack(&bad, NULL));
  SHOW(sigaltstack((stack_t *)8, NULL));
  dt_in_child("overflow without alternate stack", no_altstack);
  return 0;
}
