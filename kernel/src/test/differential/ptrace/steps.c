/* PTRACE_SINGLESTEP: instructions, calls, into handlers; breakpoints set into code that may not be written. */
#include "tracing.h"
#include <sys/uio.h>

#define AT(reg) offsetof(struct user_regs_struct, reg)

extern const char code_begin[], code_call[], code_after[], code_end[];
static volatile int handled;

__attribute__((noinline)) static long code(void) {
  long result;
  __asm__ volatile(
      ".globl code_begin, code_call, code_after, code_end\n"
      "code_begin: movl $39, %%eax\n"
      "nop\n"
      "code_call: syscall\n"
      "code_after: nop\n"
      "xorl %%edx, %%edx\n"
      "code_end: nop\n"
      : "=a"(result) : : "rcx", "rdx", "r11", "memory");
  return result;
}

static void on_signal(int sig) { handled = sig; }

static void body(void) {
  signal(SIGUSR1, on_signal);
  long a = code();
  raise(SIGUSR1);
  _exit(a == getpid() && handled == SIGUSR1 ? 0 : 1);
}

static long rip(pid_t pid) { return ptrace(PTRACE_PEEKUSER, pid, AT(rip), 0); }

static const char *where(long ip) {
  return ip == (long)code_begin ? "begin" : ip == (long)code_call ? "call" : ip == (long)code_after ? "after"
    : ip == (long)code_end ? "end" : ip == (long)on_signal ? "handler" : "elsewhere";
}

static void show(pid_t pid) {
  siginfo_t info;
  MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("  code %#x, address %s, at %s, TF %s, orig_rax %ld\n", info.si_code,
    (long)info.si_addr == rip(pid) ? "rip" : "other", where(rip(pid)),
    ptrace(PTRACE_PEEKUSER, pid, AT(eflags), 0) & 0x100 ? "seen" : "hidden", ptrace(PTRACE_PEEKUSER, pid, AT(orig_rax), 0));
}

static void breakpoint(pid_t pid, const char *at) {
  long word = ptrace(PTRACE_PEEKTEXT, pid, at, 0);
  SHOW_AS("POKETEXT", ptrace(PTRACE_POKETEXT, pid, at, (word & ~0xffl) | 0xcc));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("breakpoint", pid);
  IS(rip(pid) == (long)at + 1);
  SHOW_AS("POKETEXT", ptrace(PTRACE_POKETEXT, pid, at, word));
  MUST(ptrace(PTRACE_POKEUSER, pid, AT(rip), at));
}

static void many(void) {
  volatile int x = 0;
  __asm__ volatile("int3");
  for (int i = 0; i < 300; i++) x += i;
  __asm__ volatile("int3");
  _exit(x == 300 * 299 / 2 ? 0 : 1);
}

static void count(void) {
  pid_t pid = traced_child(many);
  await_stop("first", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("int3", pid);
  int steps = 0, status;
  siginfo_t info;
  do {
    MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
    waitpid(pid, &status, 0);
    MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    steps++;
  } while (info.si_code == TRAP_TRACE);
  printf("steps: %d, then code %#x\n", steps, info.si_code);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("end", pid);
}

static void faults(void) {
  __asm__ volatile("int3");
  *(volatile int *)8 = 1;
}

static void step_into_fault(void) {
  pid_t pid = traced_child(faults);
  await_stop("first", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("int3", pid);
  int status = 0;
  for (int i = 0; i < 20; i++) {
    MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
    waitpid(pid, &status, 0);
    if (WSTOPSIG(status) != SIGTRAP) break;
  }
  show_status("fault", status);
  MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, SIGSEGV));
  await_stop("end", pid);
}

static char data[8192] __attribute__((aligned(4096)));
static void memory_body(void) {
  mprotect(data, 4096, PROT_NONE);
  mprotect(data + 4096, 4096, PROT_READ);
  raise(SIGUSR1);
  int before = data[4096];
  mprotect(data, 4096, PROT_READ);
  _exit(before == 'y' && data[0] == 'x' ? 0 : 1);
}

static void memory(void) {
  char *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t pid = traced_child(memory_body);
  await_stop("first", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("memory", pid);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int fd = MUST(open(path, O_RDWR));
  SHOW(pwrite(fd, "x", 1, (off_t)data));
  SHOW(pwrite(fd, "y", 1, (off_t)data + 4096));
  char c = 0;
  SHOW(pread(fd, &c, 1, (off_t)data));
  IS(c == 'x' && data[0] == 0);
  SHOW(pwrite(fd, "z", 1, (off_t)shared));
  SHOW(pwrite(fd, "z", 1, 8));
  RAW(raw_ptrace(PTRACE_POKEDATA, pid, (long)shared, 1));
  struct iovec local = {&c, 1}, remote = {data, 1};
  SHOW(process_vm_readv(pid, &local, 1, &remote, 1, 0));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("end", pid);
  close(fd);
}

int main(void) {
  dt_start(50);
  pid_t pid = traced_child(body);
  await_stop("first", pid);
  breakpoint(pid, code_begin);
  for (int i = 0; i < 6; i++) {
    MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
    await_stop("step", pid);
    show(pid);
  }
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("signal", pid);
  MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, SIGUSR1));
  await_stop("into the handler", pid);
  show(pid);
  MUST(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
  await_stop("in the handler", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("end", pid);
  count();
  step_into_fault();
  memory();
  return 0;
}
