/* Registers and FPU of a tracee: every way to them, and what is refused. */
#include "tracing.h"
#include <sys/uio.h>

static volatile int stop_here;

static void body(void) {
  register long r15 __asm__("r15") = 15, r14 __asm__("r14") = 14, r13 __asm__("r13") = 13, r12 __asm__("r12") = 12;
  double x = 1.5;
  __asm__ volatile("movsd %1, %%xmm7; int3; movsd %%xmm7, %1" : "+r"(r15), "+m"(x), "+r"(r14), "+r"(r13), "+r"(r12) : : "xmm7");
  _exit(r15 == 115 && r14 == 14 && r13 == 113 && r12 == 12 && x == 2.5 ? 0 : 1);
}

#define AT(reg) offsetof(struct user_regs_struct, reg)

static void user_area(pid_t pid) {
  RAW(raw_ptrace(PTRACE_PEEKUSER, pid, 1, (long)&stop_here));
  RAW(raw_ptrace(PTRACE_PEEKUSER, pid, sizeof(struct user), (long)&stop_here));
  RAW(raw_ptrace(PTRACE_PEEKUSER, pid, -8, (long)&stop_here));
  long value = 1;
  RAW(raw_ptrace(PTRACE_PEEKUSER, pid, sizeof(struct user_regs_struct), (long)&value));
  IS(value == 0);
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, sizeof(struct user_regs_struct), 1));
  for (int i = 0; i < 8; i++) {
    long at = offsetof(struct user, u_debugreg[i]);
    value = 1;
    printf("debug register %d: ", i);
    RAW_AS("peek", raw_ptrace(PTRACE_PEEKUSER, pid, at, (long)&value));
    printf("  %s\n", i == 6 || value == 0 ? "0" : "not 0");
  }
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 0));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[4]), 0));
}

static void refusals(pid_t pid) {
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(cs), 0));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(cs), 0x10));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(cs), 0x33));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(ss), 0x18));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(ds), 0x10));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(ds), 0));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(fs_base), -1));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(gs_base), 0x7ffffffff000));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(gs_base), 0x7fffffffeff0));
  RAW(raw_ptrace(PTRACE_POKEUSER, pid, AT(gs_base), 0));
  RAW(raw_ptrace(PTRACE_GETREGS, pid, 0, 8));
  RAW(raw_ptrace(PTRACE_SETREGS, pid, 0, 8));
  RAW(raw_ptrace(PTRACE_GETFPREGS, pid, 0, 8));
  long before = ptrace(PTRACE_PEEKUSER, pid, AT(eflags), 0);
  SHOW_AS("all flags", ptrace(PTRACE_POKEUSER, pid, AT(eflags), -1 & ~0x100));
  printf("flags that stuck: %#lx\n", ptrace(PTRACE_PEEKUSER, pid, AT(eflags), 0) & ~0x200);
  SHOW_AS("no flags", ptrace(PTRACE_POKEUSER, pid, AT(eflags), 0));
  printf("flags that stayed: %#lx\n", ptrace(PTRACE_PEEKUSER, pid, AT(eflags), 0));
  SHOW_AS("as before", ptrace(PTRACE_POKEUSER, pid, AT(eflags), before));
}

static void sets(pid_t pid) {
  static char buffer[16384] __attribute__((aligned(64)));
  struct user_regs_struct r, s;
  MUST(ptrace(PTRACE_GETREGS, pid, 0, &r));
  struct iovec v = {&s, sizeof s};
  SHOW_AS("PRSTATUS", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  IS(v.iov_len == sizeof s && memcmp(&r, &s, sizeof r) == 0);
  v = (struct iovec){buffer, 1000};
  SHOW_AS("with more room", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  IS(v.iov_len == sizeof s);
  v = (struct iovec){&s, 16};
  s.r13 = 1;
  SHOW_AS("two of them", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  IS(v.iov_len == 16 && s.r13 == 1 && s.r14 == 14);
  v = (struct iovec){&s, 15};
  SHOW_AS("not a whole one", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
  SHOW_AS("no such set", ptrace(PTRACE_GETREGSET, pid, 0x777, &v));
  s.r15 = 115;
  s.r14 = 14;
  v = (struct iovec){&s, 16};
  SHOW_AS("set two", ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v));
  MUST(ptrace(PTRACE_GETREGS, pid, 0, &r));
  IS(r.r15 == 115 && r.r14 == 14 && r.r13 == 13);
  r.r13 = 113;
  SHOW(ptrace(PTRACE_SETREGS, pid, 0, &r));
  struct user_fpregs_struct f, g;
  SHOW(ptrace(PTRACE_GETFPREGS, pid, 0, &f));
  double x;
  memcpy(&x, (char *)f.xmm_space + 7 * 16, 8);
  IS(x == 1.5);
  IS(f.cwd == 0x37f && f.mxcsr == 0x1f80);
  v = (struct iovec){&g, sizeof g};
  SHOW_AS("PRFPREG", ptrace(PTRACE_GETREGSET, pid, NT_PRFPREG, &v));
  IS(v.iov_len == 512 && memcmp(f.xmm_space, g.xmm_space, sizeof f.xmm_space) == 0);
  x = 3.5;
  memcpy((char *)f.xmm_space + 7 * 16, &x, 8);
  SHOW(ptrace(PTRACE_SETFPREGS, pid, 0, &f));
  f.mxcsr = 0xffff0000;
  SHOW_AS("bad MXCSR", ptrace(PTRACE_SETFPREGS, pid, 0, &f));
  v = (struct iovec){buffer, sizeof buffer};
  SHOW_AS("XSTATE", ptrace(PTRACE_GETREGSET, pid, 0x202, &v));
  memcpy(&x, buffer + 160 + 7 * 16, 8);
  IS(x == 3.5);
  IS(v.iov_len >= 576 && (*(long *)(buffer + 464) & 3) == 3);
  x = 2.5;
  memcpy(buffer + 160 + 7 * 16, &x, 8);
  SHOW_AS("set XSTATE", ptrace(PTRACE_SETREGSET, pid, 0x202, &v));
  v.iov_len = 576;
  SHOW_AS("set some of it", ptrace(PTRACE_SETREGSET, pid, 0x202, &v));
  buffer[512 + 8] = 1;
  v.iov_len = sizeof buffer;
  SHOW_AS("bad header", ptrace(PTRACE_SETREGSET, pid, 0x202, &v));
}

static void loops(void) {
  for (;;) stop_here++;
}

/* Where it must not go: what becomes of it. */
static void bad_rip(unsigned long rip, unsigned long rsp) {
  pid_t pid = traced_child(loops);
  await_stop("first", pid);
  MUST(ptrace(PTRACE_POKEUSER, pid, AT(rip), rip));
  if (rsp) MUST(ptrace(PTRACE_POKEUSER, pid, AT(rsp), rsp));
  MUST(ptrace(PTRACE_POKEUSER, pid, AT(orig_rax), -1));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("then", pid);
  siginfo_t info;
  MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("code %d\n", info.si_code);
  MUST(ptrace(PTRACE_CONT, pid, 0, SIGSEGV));
  await_stop("end", pid);
}

int main(void) {
  dt_start(50);
  pid_t pid = traced_child(body);
  await_stop("first", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("int3", pid);
  siginfo_t info;
  MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("code %#x, address %s\n", info.si_code, info.si_addr == NULL ? "none" : "one");
  IS(ptrace(PTRACE_PEEKUSER, pid, AT(orig_rax), 0) == -1);
  user_area(pid);
  refusals(pid);
  sets(pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("end", pid);
  bad_rip(16, 0);
  bad_rip(0x800000000000, 0);
  bad_rip(0xffffffff80000000, 0x7000);
  bad_rip(0x7ffffffff000, 0);
  return 0;
}
