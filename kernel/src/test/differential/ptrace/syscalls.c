/* Stops where calls begin and end: what they show, and what a tracer can make of them. */
#include "tracing.h"

static volatile long results[8];

static void body(void) {
  results[0] = raw1(SYS_getpgid, 0) > 0;
  results[1] = raw3(SYS_write, -1, 0, 0);
  results[2] = raw0(SYS_getuid);
  results[3] = raw0(SYS_getppid);
  results[4] = raw0(SYS_gettid);
  results[5] = raw2(SYS_kill, -1, 9); /* the tracer will not let it */
  _exit(7);
}

struct info {
  uint8_t op;
  uint8_t pad[3];
  uint32_t arch;
  uint64_t ip, sp;
  uint64_t nr, args[6];
  uint32_t more[2];
};

static void show_call(pid_t pid) {
  struct info i;
  memset(&i, 0, sizeof i);
  long n = raw_ptrace(0x420e, pid, sizeof i, (long)&i);
  if (i.op == 1)
    printf("  %ld bytes: entry %lu(%ld, %ld)%s\n", n, i.nr, (long)i.args[0], (long)i.args[1], i.arch == 0xc000003e ? "" : " arch?");
  else if (i.op == 2) printf("  %ld bytes: exit%s\n", n, ((char *)&i)[32] ? ", error" : "");
  else printf("  %ld bytes: op %d\n", n, i.op);
  struct user_regs_struct r;
  MUST(ptrace(PTRACE_GETREGS, pid, 0, &r));
  if (i.op == 1) printf("  rax %s, orig_rax %ld\n", ename(-(int)r.rax), (long)r.orig_rax);
  else printf("  orig_rax %ld, rip %s\n", (long)r.orig_rax, r.rip == i.ip ? "same" : "other");
  IS(r.rcx == r.rip);
  IS(r.cs == 0x33 && r.ss == 0x2b && r.ds == 0 && (r.eflags & 0x202) == 0x202);
  unsigned long message = 99;
  MUST(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message));
  printf("  message %lu\n", message);
  siginfo_t info;
  MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("  info %s %#x\n", sname(info.si_signo), info.si_code);
}

static void step(pid_t pid) {
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("stop", pid);
}

int main(void) {
  dt_start(50);
  pid_t pid = traced_child(body);
  await_stop("first", pid);
  step(pid);
  show_call(pid);
  SHOW(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
  step(pid);
  show_call(pid);
  step(pid);
  show_call(pid);
  step(pid);
  show_call(pid);
  long rax = offsetof(struct user_regs_struct, rax), orig = offsetof(struct user_regs_struct, orig_rax);
  step(pid);
  SHOW_AS("the third call is made another", ptrace(PTRACE_POKEUSER, pid, orig, SYS_getpid));
  step(pid);
  IS(ptrace(PTRACE_PEEKUSER, pid, rax, 0) == pid);
  step(pid);
  SHOW_AS("the fourth is not made", ptrace(PTRACE_POKEUSER, pid, orig, -1));
  SHOW_AS("and has a result", ptrace(PTRACE_POKEUSER, pid, rax, 4711));
  step(pid);
  show_call(pid);
  step(pid);
  step(pid);
  SHOW_AS("the fifth's result is changed", ptrace(PTRACE_POKEUSER, pid, rax, -EXDEV));
  step(pid);
  show_call(pid);
  SHOW_AS("the sixth is none", ptrace(PTRACE_POKEUSER, pid, orig, -1));
  step(pid);
  for (int i = 0; i < 6; i++) {
    long value = ptrace(PTRACE_PEEKDATA, pid, &results[i], 0);
    if (i == 2) IS_AS("result 2 is the pid", value == pid);
    else printf("result %d: %ld\n", i, value);
  }
  step(pid);
  show_call(pid);
  step(pid);
  return 0;
}
