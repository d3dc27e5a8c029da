/* Events: fork, vfork, clone, exec, exit, with their messages, children that are traced from birth on, and EXITKILL. */
#include "tracing.h"
#include <sys/prctl.h>

static char *self;
static pid_t tracee;

static unsigned long message(pid_t pid) {
  unsigned long m = 0;
  SHOW_AS("GETEVENTMSG", ptrace(PTRACE_GETEVENTMSG, pid, 0, &m));
  return m;
}

static void cont(pid_t pid) { MUST(ptrace(PTRACE_CONT, pid, 0, 0)); }

static pid_t start(void (*body)(void), int options) {
  pid_t pid = traced_child(body);
  await_stop("first", pid);
  MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, options));
  cont(pid);
  tracee = pid;
  return pid;
}

static void forks(void) {
  pid_t child = fork();
  if (child == 0) _exit(5);
  int status = 0;
  waitpid(child, &status, 0);
  _exit(WEXITSTATUS(status) + 1);
}

static void trace_fork(void) {
  puts("-- fork");
  pid_t pid = start(forks, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT);
  await_stop("parent", pid);
  pid_t child = message(pid);
  IS(child > 0);
  await_stop("child", child);
  siginfo_t info;
  MUST(ptrace(PTRACE_GETSIGINFO, child, 0, &info));
  printf("its first signal: code %d pid %d\n", info.si_code, info.si_pid);
  cont(pid);
  cont(child);
  await_stop("child", child);
  printf("message %#lx\n", message(child));
  struct user_regs_struct regs;
  SHOW_AS("its registers", ptrace(PTRACE_GETREGS, child, 0, &regs));
  SHOW_AS("its call", (long)regs.orig_rax);
  cont(child);
  await_stop("child", child);
  int status;
  do status = await_stop("parent", pid), ptrace(PTRACE_CONT, pid, 0, WIFSTOPPED(status) && status >> 16 == 0 ? WSTOPSIG(status) : 0);
  while (WIFSTOPPED(status));
}

static void vforks(void) {
  pid_t child = vfork();
  if (child == 0) _exit(3);
  int status = 0;
  waitpid(child, &status, 0);
  _exit(WEXITSTATUS(status));
}

static void trace_vfork(void) {
  puts("-- vfork");
  pid_t pid = start(vforks, PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE);
  await_stop("parent", pid);
  pid_t child = message(pid);
  await_stop("child", child);
  SHOW_AS("detach", ptrace(PTRACE_DETACH, child, 0, 0));
  cont(pid);
  await_stop("parent", pid);
  IS(message(pid) == (unsigned long)child);
  cont(pid);
  int status = await_stop("parent", pid);
  if (WIFSTOPPED(status)) {
    cont(pid);
    await_stop("parent", pid);
  }
}

static void *thread(void *unused) {
  (void)unused;
  syscall(SYS_getpgid, 0);
  return NULL;
}

static void threads(void) {
  pthread_t t;
  pthread_create(&t, NULL, thread, NULL);
  pthread_join(t, NULL);
  _exit(0);
}

static void trace_clone(void) {
  puts("-- clone");
  pid_t pid = start(threads, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT);
  await_stop("leader", pid);
  pid_t tid = message(pid);
  await_stop("thread", tid);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d", pid, tid);
  IS_AS("it is a thread", access(path, F_OK) == 0);
  RAW_AS("kill it: by SIGSTOP, dropped", raw3(SYS_tgkill, pid, tid, SIGUSR2));
  cont(tid);
  await_stop("thread", tid);
  cont(pid);
  cont(tid);
  await_stop("thread", tid);
  message(tid);
  cont(tid);
  await_stop("thread", tid);
  SHOW_AS("it is gone", waitpid(tid, NULL, __WALL));
  await_stop("leader", pid);
  cont(pid);
  await_stop("leader", pid);
}

static void execs(void) {
  execl(self, self, "exit", "9", NULL);
  _exit(101);
}

static void trace_exec(int options) {
  printf("-- exec, options %#x\n", options);
  pid_t pid = start(execs, options);
  await_stop("exec", pid);
  siginfo_t info;
  MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("code %#x, pid %s\n", info.si_code, info.si_pid == pid ? "its own" : "other");
  if (options) IS(message(pid) == (unsigned long)pid);
  struct user_regs_struct r;
  MUST(ptrace(PTRACE_GETREGS, pid, 0, &r));
  IS(r.rbx == 0 && r.r15 == 0 && r.rip != 0);
  printf("rax %ld, orig_rax %ld\n", (long)r.rax, (long)r.orig_rax);
  MUST(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  int status = await_stop("then", pid);
  MUST(ptrace(PTRACE_GETREGS, pid, 0, &r));
  if (options) printf("exit of exec: rax %ld, orig_rax %ld\n", (long)r.rax, (long)r.orig_rax);
  IS(WIFSTOPPED(status));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("end", pid);
}

static void *execs_thread(void *unused) {
  (void)unused;
  execs();
  return NULL;
}

static void thread_execs(void) {
  pthread_t t;
  pthread_create(&t, NULL, execs_thread, NULL);
  pthread_join(t, NULL);
}

static void trace_thread_exec(void) {
  puts("-- exec by a thread");
  pid_t pid = start(thread_execs, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC);
  await_stop("leader", pid);
  pid_t tid = message(pid);
  await_stop("thread", tid);
  cont(pid);
  cont(tid);
  await_stop("leader", pid);
  IS_AS("formerly the thread", message(pid) == (unsigned long)tid);
  RAW_AS("by its former id", raw_ptrace(PTRACE_CONT, tid, 0, 0));
  cont(pid);
  await_stop("end", pid);
}

static void sleeps(void) {
  for (;;) pause();
}

/* A tracer in the middle dies; its tracee, whose parent we are, is killed or goes on. */
static void tracer_dies(int options) {
  printf("-- tracer dies, options %#x\n", options);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) sleeps();
  pid_t tracer = fork();
  if (tracer == 0) {
    if (ptrace(PTRACE_ATTACH, pid, 0, 0) != 0) _exit(1);
    int status = 0;
    if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) _exit(2);
    if (ptrace(PTRACE_SETOPTIONS, pid, 0, options) != 0) _exit(3);
    _exit(0);
  }
  await_stop("tracer", tracer);
  if (!options) {
    IS(dt_await_state(pid, "S"));
    kill(pid, SIGTERM);
  }
  await_stop("tracee", pid);
}

/* The tracer sees a death first, the parent after it has waited. */
static void two_waits(void) {
  puts("-- two waits");
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) sleeps();
  int go[2], come[2];
  MUST(pipe(go));
  MUST(pipe(come));
  fflush(stdout);
  pid_t tracer = fork();
  if (tracer == 0) {
    char c;
    if (ptrace(PTRACE_ATTACH, pid, 0, 0) != 0) _exit(1);
    await_stop("tracer's", pid);
    write(come[1], "x", 1);
    cont(pid);
    siginfo_t info;
    if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT | __WALL) != 0) _exit(2);
    printf("tracer sees code %d status %d\n", info.si_code, info.si_status);
    fflush(stdout);
    kill(getppid(), SIGUSR1);
    read(go[0], &c, 1);
    await_stop("tracer's", pid);
    fflush(stdout);
    _exit(0);
  }
  sigset_t usr1;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, NULL);
  char c;
  read(come[0], &c, 1);
  SHOW_AS("nothing for the parent", waitpid(pid, NULL, WNOHANG | WUNTRACED));
  while (!dt_await_state(pid, "S")) {}
  char path[64], text[4096] = "";
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  for (;;) {
    int fd = open(path, O_RDONLY);
    memset(text, 0, sizeof text);
    read(fd, text, sizeof text - 1);
    close(fd);
    if (strstr(text, "TracerPid:\t0") == NULL && strstr(text, "S (sleeping)")) break;
    dt_sleep_ms(1);
  }
  kill(pid, SIGKILL);
  sigwaitinfo(&usr1, NULL);
  SHOW_AS("still nothing", waitpid(pid, NULL, WNOHANG));
  write(go[1], "x", 1);
  await_stop("tracer", tracer);
  await_stop("parent's", pid);
}

int main(int argc, char **argv) {
  dt_start(50);
  if (argc > 2) return atoi(argv[2]);
  self = "/proc/self/exe";
  trace_fork();
  trace_vfork();
  trace_clone();
  trace_exec(0);
  trace_exec(PTRACE_O_TRACEEXEC);
  trace_thread_exec();
  tracer_dies(0);
  tracer_dies(PTRACE_O_EXITKILL);
  two_waits();
  return 0;
}
