/* Tracers and tracees die at any moment, registers are random, several threads trace at once: nothing hangs or stays. */
#include "tracing.h"

static unsigned seed;
static unsigned next(void) { return seed = seed * 1103515245 + 12345, seed >> 16; }

__attribute__((noreturn)) static void *busy(void *unused) {
  (void)unused;
  for (;;) {
    raw0(SYS_getppid);
    sched_yield();
  }
}

static void victim(void) {
  alarm(40);
  pthread_t t;
  pthread_create(&t, NULL, busy, NULL);
  for (unsigned i = 0;; i++) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
    raise(i % 2 ? SIGCHLD : SIGURG);
  }
}

static void disturb(pid_t pid, unsigned what) {
  struct user_regs_struct r;
  char bytes[512];
  switch (what % 16) {
    case 0: ptrace(PTRACE_SYSCALL, pid, 0, 0); break;
    case 1: ptrace(PTRACE_SINGLESTEP, pid, 0, 0); break;
    case 2: ptrace(PTRACE_CONT, pid, 0, next() % 32 == 9 ? 0 : 0); break;
    case 3: ptrace(PTRACE_INTERRUPT, pid, 0, 0); break;
    case 4: ptrace(PTRACE_LISTEN, pid, 0, 0); break;
    case 5: ptrace(PTRACE_SETOPTIONS, pid, 0, next() & 0xff); break;
    case 6: ptrace(PTRACE_GETREGS, pid, 0, &r); break;
    case 7: ptrace(PTRACE_PEEKDATA, pid, (long)next() << 12, 0); break;
    case 8: raw_ptrace(PTRACE_GETSIGINFO, pid, 0, (long)bytes); break;
    case 9: raw_ptrace(PTRACE_GETFPREGS, pid, 0, (long)bytes); break;
    case 10: raw_ptrace(next(), pid, next(), (long)bytes); break;
    case 11: raw_ptrace(PTRACE_POKEUSER, pid, (next() % 128) * 8, (long)next() << 40 | next()); break;
    default: ptrace(PTRACE_CONT, pid, 0, 0); break;
  }
}

static void tracer(pid_t pid, unsigned how) {
  alarm(40);
  seed = how;
  ptrace(PTRACE_SEIZE, pid, 0, how % 3 ? PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE : PTRACE_O_TRACEEXIT);
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  for (int i = 0; i < 400; i++) {
    int status;
    pid_t got = waitpid(-1, &status, __WALL | (next() % 4 ? WNOHANG : 0));
    if (got > 0 && WIFSTOPPED(status)) disturb(got, next());
    else if (got < 0) break;
    else disturb(pid, next());
  }
  _exit(0);
}

int main(void) {
  dt_start(100);
  for (unsigned i = 0; i < 24; i++) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) victim();
    pid_t by = fork();
    if (by == 0) tracer(pid, i);
    dt_sleep_ms(20 + i * 3);
    kill(i % 2 ? pid : by, SIGKILL);
    dt_sleep_ms(5);
    kill(i % 2 ? by : pid, SIGKILL);
    int status;
    if (waitpid(by, &status, 0) != by) puts("tracer is lost");
    if (waitpid(pid, &status, 0) != pid) puts("tracee is lost");
  }
  SHOW_AS("nothing is left", waitpid(-1, NULL, __WALL | WNOHANG));
  return 0;
}
