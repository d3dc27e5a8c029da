/* Filters of seccomp: every kind of answer, precedence, inheritance over fork and exec, what a program sees of its call. */
#include "difftest.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)

static long install(struct sock_filter *f, int n, unsigned flags) {
  struct sock_fprog p = {n, f};
  return raw3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}
#define INSTALL(...) ({ struct sock_filter f_[] = {__VA_ARGS__}; install(f_, sizeof f_ / sizeof *f_, 0); })
#define ON(call, answer) INSTALL(LOAD(nr), IF(call, 0, 1), RETURN(answer), RETURN(SECCOMP_RET_ALLOW))

static void nnp(void) { MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }

static void status(void) {
  char line[256];
  FILE *f = fopen("/proc/self/status", "r");
  while (f && fgets(line, sizeof line, f))
    if (strncmp(line, "Seccomp", 7) == 0 || strncmp(line, "NoNewPrivs", 10) == 0) printf("%s", line);
  fclose(f);
}

static void errors(void) {
  nnp();
  RAW(ON(SYS_getuid, SECCOMP_RET_ERRNO | EXDEV));
  RAW(raw0(SYS_getuid));
  RAW(raw0(SYS_getuid) == raw0(SYS_geteuid));
  RAW(ON(SYS_getgid, SECCOMP_RET_ERRNO));
  RAW(raw0(SYS_getgid));
  RAW(ON(SYS_getegid, SECCOMP_RET_ERRNO | 5000));
  RAW(raw0(SYS_getegid));
  RAW(ON(99999, SECCOMP_RET_ERRNO | EDOM));
  RAW(raw0(99999));
  RAW(raw0(99998));
  RAW(ON(SYS_getuid, SECCOMP_RET_ERRNO | ENOTTY));
  RAW(raw0(SYS_getuid));
  RAW(ON(SYS_getuid, SECCOMP_RET_ALLOW));
  RAW(raw0(SYS_getuid));
  RAW(ON(SYS_getuid, SECCOMP_RET_TRACE));
  RAW(raw0(SYS_getuid));
  RAW(ON(SYS_getppid, SECCOMP_RET_TRACE | 7));
  RAW(raw0(SYS_getppid));
  RAW(ON(SYS_getsid, SECCOMP_RET_USER_NOTIF));
  RAW(raw1(SYS_getsid, 0));
  RAW(ON(SYS_getpid, SECCOMP_RET_LOG));
  IS(raw0(SYS_getpid) > 0);
  status();
}

static void kill_process(void) {
  nnp();
  ON(SYS_getuid, SECCOMP_RET_KILL_PROCESS);
  raw0(SYS_getuid);
  printf("still here\n");
}

static void kill_thread(void) {
  nnp();
  ON(SYS_getuid, SECCOMP_RET_KILL_THREAD);
  raw0(SYS_getuid);
  printf("still here\n");
}

static void unknown_action(void) {
  nnp();
  ON(SYS_getuid, 0x00010000);
  raw0(SYS_getuid);
  printf("still here\n");
}

static void *doomed(void *arg) {
  raw0(SYS_getuid);
  *(int *)arg = 1;
  return NULL;
}

static void one_thread(void) {
  nnp();
  ON(SYS_getuid, SECCOMP_RET_KILL_THREAD);
  pthread_t t;
  static int survived;
  pthread_create(&t, NULL, doomed, &survived);
  dt_sleep_ms(200);
  printf("survived %d\n", survived);
  int n = 0;
  char line[256];
  FILE *f = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, f)) sscanf(line, "Threads: %d", &n);
  printf("threads %d\n", n);
  _exit(3);
}

static void on_sys(int sig, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  printf("%s code %d errno %d syscall %s arch %s call address %s rax %lld rdi %lld\n", sname(sig), info->si_code,
         info->si_errno, info->si_syscall == SYS_getsid ? "right" : "wrong",
         info->si_arch == AUDIT_ARCH_X86_64 ? "right" : "wrong",
         info->si_call_addr == (void *)u->uc_mcontext.gregs[REG_RIP] ? "right" : "wrong",
         u->uc_mcontext.gregs[REG_RAX], u->uc_mcontext.gregs[REG_RDI]);
  u->uc_mcontext.gregs[REG_RAX] = 777;
}

static void trap(void) {
  struct sigaction sa = {.sa_sigaction = on_sys, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &sa, NULL);
  nnp();
  ON(SYS_getsid, SECCOMP_RET_TRAP | 42);
  RAW(raw1(SYS_getsid, 12345));
}

static void trap_unhandled(void) {
  nnp();
  ON(SYS_getsid, SECCOMP_RET_TRAP);
  raw1(SYS_getsid, 0);
  printf("still here\n");
}

static void trap_blocked(void) {
  sigset_t s;
  sigfillset(&s);
  sigprocmask(SIG_SETMASK, &s, NULL);
  signal(SIGSYS, SIG_IGN);
  trap_unhandled();
}

static void arguments(void) {
  nnp();
  RAW(INSTALL(LOAD(arch), IF(AUDIT_ARCH_X86_64, 1, 0), RETURN(SECCOMP_RET_KILL_PROCESS), LOAD(nr), IF(SYS_lseek, 0, 9),
      LOAD(args[0]), IF(0x11223344, 0, 6), BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) + 4),
      IF(0x55667788, 0, 4), LOAD(args[2]), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xffff), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
      BPF_STMT(BPF_RET | BPF_A, 0), RETURN(SECCOMP_RET_ERRNO | ENOANO), RETURN(SECCOMP_RET_ALLOW)));
  RAW(raw3(SYS_lseek, 0x5566778811223344, 0, 9));
  RAW(raw3(SYS_lseek, 0x5566778811223344, 0, EBADE));
  RAW(raw3(SYS_lseek, 0x5566778911223344, 0, 9));
  RAW(raw3(SYS_lseek, -1, 0, 0));
}

/* Arithmetic with registers, scratch memory and jumps; the answer is the low half as an errno. */
static void machine(void) {
  nnp();
  RAW(INSTALL(LOAD(nr), IF(SYS_lseek, 1, 0), RETURN(SECCOMP_RET_ALLOW), LOAD(args[0]), BPF_STMT(BPF_ST, 3), LOAD(args[1]),
      BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_LD | BPF_MEM, 3), BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 3), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 2),
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1), BPF_STMT(BPF_STX, 0),
      BPF_STMT(BPF_LDX | BPF_MEM, 0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 1, 0), RETURN(SECCOMP_RET_ERRNO | EDOM),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1), BPF_STMT(BPF_JMP | BPF_JA, 1), RETURN(SECCOMP_RET_ERRNO | ELNRNG),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO), BPF_STMT(BPF_RET | BPF_A, 0)));
  for (int i = 0; i < 6; i++) RAW(raw2(SYS_lseek, i, i));
  RAW(raw2(SYS_lseek, -1, 2));
  RAW(raw2(SYS_lseek, 20, 1));
}

static void division(void) {
  nnp();
  INSTALL(LOAD(nr), IF(SYS_lseek, 1, 0), RETURN(SECCOMP_RET_ALLOW), LOAD(args[0]), BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ERRNO | 12), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), BPF_STMT(BPF_RET | BPF_A, 0));
  RAW(raw1(SYS_lseek, 1));
  raw1(SYS_lseek, 0);
  printf("still here\n");
}

static void length(void) {
  nnp();
  INSTALL(LOAD(nr), IF(SYS_lseek, 1, 0), RETURN(SECCOMP_RET_ALLOW), BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO), BPF_STMT(BPF_RET | BPF_A, 0));
  printf("length %ld\n", -raw1(SYS_lseek, 1));
}

int main(int argc, char **argv) {
  dt_start(30);
  if (argc > 1) {
    RAW(raw0(SYS_getuid));
    status();
    return 0;
  }
  status();
  dt_in_child("errors", errors);
  dt_in_child("kill process", kill_process);
  dt_in_child("kill thread", kill_thread);
  dt_in_child("unknown action", unknown_action);
  dt_in_child("one thread", one_thread);
  dt_in_child("trap", trap);
  dt_in_child("trap unhandled", trap_unhandled);
  dt_in_child("trap blocked", trap_blocked);
  dt_in_child("arguments", arguments);
  dt_in_child("machine", machine);
  dt_in_child("division", division);
  dt_in_child("length", length);
  fflush(stdout);
  nnp();
  RAW(ON(SYS_getuid, SECCOMP_RET_ERRNO | EBADSLT));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    RAW(raw0(SYS_getuid));
    fflush(stdout);
    execl(argv[0], argv[0], "execed", NULL);
    _exit(1);
  }
  dt_reap("child", pid);
  return 0;
}
