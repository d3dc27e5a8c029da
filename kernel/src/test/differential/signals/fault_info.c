/* si_addr, si_code and the saved context of each synchronous fault. */
#include "difftest.h"
#include <ucontext.h>

static volatile greg_t trap_no, error_code, rip_is_fault;
static void *volatile expected_rip;

static void full(int sig, siginfo_t *info, void *context) {
  ucontext_t *uc = context;
  trap_no = uc->uc_mcontext.gregs[REG_TRAPNO];
  error_code = uc->uc_mcontext.gregs[REG_ERR];
  dt_on_fault(sig, info, context);
}

static void __attribute__((noinline)) context_of(const char *label) {
  printf("%s: trap %lld error %lld\n", label, (long long)trap_no, (long long)error_code);
}

int main(void) {
  dt_start(20);
  struct sigaction sa = {.sa_sigaction = full, .sa_flags = SA_SIGINFO};
  int sigs[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  for (int i = 0; i < 5; i++) sigaction(sigs[i], &sa, NULL);
  char *none = mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *rw = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *gone = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(edge + 4096, 4096);
  munmap(gone, 4096);
  volatile char sink;
  FAULT("read NULL", 0, sink = *(volatile char *)NULL);
  context_of("read NULL");
  FAULT("write NULL+1234", 1234, *(volatile char *)1234 = 1);
  context_of("write NULL+1234");
  FAULT("read unmapped", gone + 77, sink = *(volatile char *)(gone + 77));
  FAULT("write PROT_NONE", none + 4097, *(volatile char *)(none + 4097) = 1);
  FAULT("read PROT_NONE", none + 1, sink = *(volatile char *)(none + 1));
  FAULT("write read-only untouched", ro, *(volatile char *)ro = 1);
  sink = *(volatile char *)ro;
  FAULT("write read-only touched", ro + 8, *(volatile char *)(ro + 8) = 1);
  context_of("write read-only touched");
  FAULT("8 bytes across the end", edge + 4096, sink = (char)*(volatile long *)(edge + 4092));
  *rw = (char)0xc3;
  FAULT("execute data", rw, ((void (*)(void))rw)());
  context_of("execute data");
  FAULT("execute NULL", 0, ((void (*)(void))NULL)());
  FAULT("execute unmapped", gone, ((void (*)(void))gone)());
  FAULT("non-canonical read", 0, sink = *(volatile char *)0x8000000000000000ul);
  context_of("non-canonical read");
  FAULT("kernel read", 0xffff800000001000ul, sink = *(volatile char *)0xffff800000001000ul);
  FAULT("hlt", 0, __asm__ volatile("hlt"));
  context_of("hlt");
  FAULT("cli", 0, __asm__ volatile("cli"));
  FAULT("in", 0, __asm__ volatile("inb $0x80, %%al" ::: "rax"));
  FAULT("read cr3", 0, __asm__ volatile("mov %%cr3, %%rax" ::: "rax"));
  FAULT("rdmsr", 0, __asm__ volatile("rdmsr" ::: "rax", "rdx"));
  FAULT("load bad ds", 0, __asm__ volatile("mov %0, %%ds" :: "r"((short)0x0ff8)));
  volatile int zero = 0, one = 1;
  int quotient = 0;
  if (sigsetjmp(dt_fault_env, 1) == 0) quotient = one / zero;
  else printf("divide: %s addr nonzero %d trap %d\n", dt_fault_text(), dt_fault_addr != NULL, (int)trap_no);
  volatile int min = INT_MIN, minus = -1;
  if (sigsetjmp(dt_fault_env, 1) == 0) quotient += min / minus;
  else printf("INT_MIN / -1: %s\n", dt_fault_text());
  FAULT("ud2", 0, __asm__ volatile("ud2"));
  IS(dt_fault_addr != NULL);
  FAULT("int3", 0, __asm__ volatile("int3"));
  context_of("int3");
  (void)sink;
  (void)quotient;
  return 0;
}
