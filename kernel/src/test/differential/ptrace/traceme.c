/* A child that is traced from TRACEME on: stops before signals, registers, memory, how it goes on and ends. */
#include "tracing.h"

static volatile long word = 0x1122334455667788;
static const volatile char constant[16] = "never written";
static volatile int handled;

static void on_signal(int sig) { handled = sig; }

static void body(void) {
  signal(SIGUSR1, on_signal);
  signal(SIGUSR2, SIG_IGN);
  raise(SIGUSR1);
  if (handled != SIGUSR1) _exit(1);
  raise(SIGUSR2);
  raise(SIGCHLD);
  raise(SIGUSR1);
  if (handled != SIGUSR1) _exit(2);
  handled = 0;
  raise(SIGUSR2);
  if (handled != SIGUSR1) _exit(3);
  raise(SIGUSR1);
  if (word != 77 || constant[0] != 'N') _exit(4);
  raise(SIGTERM);
}

static void show_info(pid_t pid) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  SHOW_AS("GETSIGINFO", ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("  signal %s code %d from %s\n", sname(info.si_signo), info.si_code,
         info.si_pid == pid ? "itself" : info.si_pid == getpid() ? "tracer" : "other");
}

static void memory(pid_t pid) {
  errno = 0;
  IS(ptrace(PTRACE_PEEKDATA, pid, &word, 0) == 0x1122334455667788);
  SHOW(ptrace(PTRACE_POKEDATA, pid, &word, 77));
  IS(ptrace(PTRACE_PEEKTEXT, pid, &word, 0) == 77);
  long text = ptrace(PTRACE_PEEKTEXT, pid, &constant, 0);
  SHOW(ptrace(PTRACE_POKETEXT, pid, &constant, (text & ~0xffl) | 'N'));
  IS(constant[0] == 'n');
  RAW(raw_ptrace(PTRACE_PEEKDATA, pid, 8, (long)&text));
  RAW(raw_ptrace(PTRACE_PEEKDATA, pid, -8, (long)&text));
  RAW(raw_ptrace(PTRACE_PEEKDATA, pid, (long)&word, 8));
  RAW(raw_ptrace(PTRACE_POKEDATA, pid, 8, 1));
}

static void refusals(pid_t pid) {
  RAW_AS("cont with signal 65", raw_ptrace(PTRACE_CONT, pid, 0, 65));
  RAW_AS("cont with signal -1", raw_ptrace(PTRACE_CONT, pid, 0, -1));
  RAW_AS("unknown request", raw_ptrace(0x4280, pid, 0, 0));
  RAW_AS("unknown request of no tracee", raw_ptrace(0x4280, getppid(), 0, 0));
  RAW_AS("unknown process", raw_ptrace(PTRACE_CONT, 0x3fffffff, 0, 0));
  RAW_AS("negative process", raw_ptrace(PTRACE_CONT, -1, 0, 0));
  RAW_AS("attach to it again", raw_ptrace(PTRACE_ATTACH, pid, 0, 0));
  RAW_AS("attach to oneself", raw_ptrace(PTRACE_ATTACH, getpid(), 0, 0));
  RAW_AS("seize with address", raw_ptrace(PTRACE_SEIZE, pid, 1, 0));
  RAW_AS("seize with options unknown", raw_ptrace(PTRACE_SEIZE, pid, 0, 1 << 30));
  RAW_AS("interrupt one not seized", raw_ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  RAW_AS("listen to one not seized", raw_ptrace(PTRACE_LISTEN, pid, 0, 0));
  RAW_AS("options unknown", raw_ptrace(PTRACE_SETOPTIONS, pid, 0, 1 << 30));
  RAW_AS("cont of one's parent", raw_ptrace(PTRACE_CONT, getppid(), 0, 0));
}

static void later(void) { raise(SIGUSR1); }

static void not_stopped(void) {
  pid_t pid = traced_child(later);
  await_stop("it", pid);
  SHOW_AS("cont", ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("it", pid);
  struct user_regs_struct regs;
  SHOW_AS("regs", ptrace(PTRACE_GETREGS, pid, 0, &regs));
  SHOW_AS("kill", ptrace(PTRACE_KILL, pid, 0, 0));
  await_stop("killed", pid);
  RAW_AS("cont of a dead one", raw_ptrace(PTRACE_CONT, pid, 0, 0));
  SHOW_AS("wait again", waitpid(pid, NULL, __WALL));
}

static void waits(void) {
  pid_t pid = traced_child(later);
  int status = 0;
  siginfo_t info;
  while (waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT) != 0) {}
  printf("waitid: code %d status %s from %s\n", info.si_code, sname(info.si_status), info.si_pid == pid ? "it" : "?");
  SHOW_AS("again by waitid", waitid(P_PID, pid, &info, WSTOPPED));
  SHOW_AS("there is nothing more", waitpid(pid, &status, WNOHANG));
  SHOW_AS("cont", ptrace(PTRACE_CONT, pid, 0, 0));
  while (waitid(P_ALL, 0, &info, WEXITED) != 0) {}
  printf("waitid for exits only: code %d status %d\n", info.si_code, info.si_status);
  IS(dt_await_state(pid, "t"));
  SHOW_AS("cont with SIGKILL", ptrace(PTRACE_CONT, pid, 0, SIGKILL));
  await_stop("it", pid);
}

int main(void) {
  dt_start(50);
  pid_t pid = traced_child(body);
  await_stop("first", pid);
  show_info(pid);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  char text[4096] = "";
  int fd = open(path, O_RDONLY);
  read(fd, text, sizeof text - 1);
  close(fd);
  char *tracer = strstr(text, "TracerPid:\t");
  IS(tracer && atoi(tracer + 11) == getpid());
  IS(strstr(text, "t (tracing stop)") != NULL);
  refusals(pid);
  SHOW_AS("cont, SIGSTOP dropped", ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("USR1, caught", pid);
  show_info(pid);
  SHOW_AS("cont with it", ptrace(PTRACE_CONT, pid, 0, SIGUSR1));
  await_stop("USR2, ignored", pid);
  SHOW_AS("cont with it", ptrace(PTRACE_CONT, pid, 0, SIGUSR2));
  await_stop("CHLD, ignored by default", pid);
  SHOW_AS("cont", ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("USR1, dropped", pid);
  SHOW_AS("cont", ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("USR2, to become USR1", pid);
  SHOW_AS("cont", ptrace(PTRACE_CONT, pid, 0, SIGUSR1));
  await_stop("USR1", pid);
  memory(pid);
  siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_QUEUE};
  SHOW_AS("SETSIGINFO", ptrace(PTRACE_SETSIGINFO, pid, 0, &info));
  show_info(pid);
  SHOW_AS("cont", ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("TERM", pid);
  SHOW_AS("cont with it", ptrace(PTRACE_CONT, pid, 0, SIGTERM));
  await_stop("end", pid);
  not_stopped();
  waits();
  RAW_AS("TRACEME", raw_ptrace(PTRACE_TRACEME, 0, 0, 0));
  RAW_AS("TRACEME again", raw_ptrace(PTRACE_TRACEME, 0, 0, 0));
  return 0;
}
