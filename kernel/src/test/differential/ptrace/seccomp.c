/* SECCOMP_RET_TRACE: the tracer decides, other filters still count, nobody there is ENOSYS. Set-user-ID under a tracer. */
#include "tracing.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#define NR offsetof(struct seccomp_data, nr)

static void filter(int nr, unsigned action) {
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NR),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, action),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {4, code};
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static volatile long results[6];

static void body(void) {
  filter(SYS_getpgid, SECCOMP_RET_TRACE | 1234);
  filter(SYS_getsid, SECCOMP_RET_ERRNO | EXDEV);
  for (int i = 0; i < 6; i++) results[i] = raw1(SYS_getpgid, 0);
  _exit(0);
}

#define AT(reg) offsetof(struct user_regs_struct, reg)

static void show(pid_t pid) {
  unsigned char info[88] = {0};
  long n = raw_ptrace(0x420e, pid, sizeof info, (long)info);
  unsigned long message = 0, nr;
  unsigned ret_data;
  memcpy(&nr, info + 24, 8);
  memcpy(&ret_data, info + 80, 4);
  MUST(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message));
  printf("  info at least to ret_data %s, op %d, call %lu, data %u, message %lu, rax %ld\n", n >= 84 ? "yes" : "no",
    info[0], nr, ret_data, message, ptrace(PTRACE_PEEKUSER, pid, AT(rax), 0));
}

static void traced(void) {
  pid_t pid = traced_child(body);
  await_stop("first", pid);
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("let through", pid);
  show(pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("another call", pid);
  MUST(ptrace(PTRACE_POKEUSER, pid, AT(orig_rax), SYS_getppid));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("a call that a filter refuses", pid);
  MUST(ptrace(PTRACE_POKEUSER, pid, AT(orig_rax), SYS_getsid));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("no call", pid);
  MUST(ptrace(PTRACE_POKEUSER, pid, AT(orig_rax), -1L));
  MUST(ptrace(PTRACE_POKEUSER, pid, AT(rax), 55L));
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("its exit", pid);
  show(pid);
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("entry comes first", pid);
  show(pid);
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("then the filter", pid);
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("then the exit", pid);
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, 0));
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("entry", pid);
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("exit, without the option", pid);
  IS(ptrace(PTRACE_PEEKDATA, pid, &results[0], 0) == getpgid(0));
  IS(ptrace(PTRACE_PEEKDATA, pid, &results[1], 0) == getpid());
  printf("%ld %ld\n", ptrace(PTRACE_PEEKDATA, pid, &results[2], 0), ptrace(PTRACE_PEEKDATA, pid, &results[3], 0));
  printf("the last: %ld\n", ptrace(PTRACE_PEEKUSER, pid, AT(rax), 0));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("end", pid);
}

static void untraced(void) {
  filter(SYS_getpgid, SECCOMP_RET_TRACE);
  RAW(raw1(SYS_getpgid, 0));
}

static char program[64];

static void run_setuid(void) {
  setgid(1000);
  setuid(1000);
  execl(program, program, "ids", NULL);
  _exit(99);
}

/* Who is traced by a user without CAP_SYS_PTRACE gains nothing by a set-user-ID program. */
static void set_user_id(void) {
  snprintf(program, sizeof program, "/tmp/ptrace-setuid-%d", getpid());
  fflush(stdout);
  pid_t copier = fork();
  if (copier == 0) {
    execlp("cp", "cp", "/proc/self/exe", program, NULL);
    _exit(98);
  }
  char self[256];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  self[n] = 0;
  waitpid(copier, NULL, 0);
  pid_t again = fork();
  if (again == 0) {
    execlp("cp", "cp", self, program, NULL);
    _exit(98);
  }
  waitpid(again, NULL, 0);
  MUST(chmod(program, 04755));
  dt_in_child("untraced", run_setuid);
  fflush(stdout);
  pid_t tracer = fork();
  if (tracer == 0) {
    setgid(1000);
    setuid(1000);
    prctl(PR_SET_DUMPABLE, 1);
    pid_t pid = traced_child(run_setuid);
    await_stop("first", pid);
    for (int status = 0;;) {
      ptrace(PTRACE_CONT, pid, 0, 0);
      waitpid(pid, &status, 0);
      if (!WIFSTOPPED(status)) {
        dt_status("traced by a user", status);
        break;
      }
    }
    fflush(stdout);
    _exit(0);
  }
  dt_reap("tracer", tracer);
  pid_t pid = traced_child(run_setuid);
  for (int status = 0;;) {
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status)) {
      dt_status("traced by root", status);
      break;
    }
    ptrace(PTRACE_CONT, pid, 0, 0);
  }
  unlink(program);
}

int main(int argc, char **argv) {
  dt_start(50);
  if (argc > 1) return geteuid() == 0 ? 10 : geteuid() == 1000 ? 11 : 12;
  (void)argv;
  traced();
  dt_in_child("without a tracer", untraced);
  if (getuid() == 0) set_user_id();
  return 0;
}
