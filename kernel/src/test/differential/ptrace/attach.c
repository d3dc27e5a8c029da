/* ATTACH, SEIZE, INTERRUPT, LISTEN and DETACH; group-stops; who may. */
#include "tracing.h"
#include <sys/prctl.h>
#include <sys/wait.h>

static void sleeps(void) {
  for (;;) pause();
}

static pid_t child(void (*body)(void)) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(30);
    body();
    _exit(0);
  }
  IS_AS("child sleeps", dt_await_state(pid, "S"));
  return pid;
}

static void end(pid_t pid) {
  kill(pid, SIGKILL);
  await_stop("end", pid);
}

static void attach(void) {
  puts("-- attach");
  pid_t pid = child(sleeps);
  SHOW(ptrace(PTRACE_ATTACH, pid, 0, 0));
  await_stop("it", pid);
  siginfo_t info;
  SHOW(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("code %#x\n", info.si_code);
  struct user_regs_struct r;
  MUST(ptrace(PTRACE_GETREGS, pid, 0, &r));
  printf("rax %ld orig_rax %ld\n", (long)r.rax, (long)r.orig_rax);
  SHOW_AS("syscall", ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("pause again", pid);
  MUST(ptrace(PTRACE_GETREGS, pid, 0, &r));
  printf("rax %ld orig_rax %ld\n", (long)r.rax, (long)r.orig_rax);
  SHOW(ptrace(PTRACE_DETACH, pid, 0, 0));
  IS(dt_await_state(pid, "S"));
  RAW(raw_ptrace(PTRACE_DETACH, pid, 0, 0));
  SHOW(ptrace(PTRACE_ATTACH, pid, 0, 0));
  await_stop("it", pid);
  SHOW_AS("detach with SIGTERM", ptrace(PTRACE_DETACH, pid, 0, SIGTERM));
  await_stop("end", pid);
}

static void seize(void) {
  puts("-- seize");
  pid_t pid = child(sleeps);
  SHOW(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD));
  SHOW_AS("nothing has stopped", waitpid(pid, NULL, WNOHANG | __WALL));
  RAW_AS("cont one that runs", raw_ptrace(PTRACE_CONT, pid, 0, 0));
  SHOW(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  await_stop("interrupted", pid);
  siginfo_t info;
  SHOW(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("signal %s code %#x\n", sname(info.si_signo), info.si_code);
  SHOW(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("pause", pid);
  SHOW_AS("interrupt a stopped one", ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  SHOW_AS("listen elsewhere", ptrace(PTRACE_LISTEN, pid, 0, 0));
  SHOW(ptrace(PTRACE_SYSCALL, pid, 0, 0));
  await_stop("exit of pause, or the trap", pid);
  SHOW(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("the trap", pid);
  SHOW(ptrace(PTRACE_CONT, pid, 0, 0));
  kill(pid, SIGSTOP);
  await_stop("signal", pid);
  SHOW_AS("cont with it", ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
  await_stop("group-stop", pid);
  MUST(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("signal %s code %#x\n", sname(info.si_signo), info.si_code);
  SHOW(ptrace(PTRACE_LISTEN, pid, 0, 0));
  RAW_AS("cont one that is listened to", raw_ptrace(PTRACE_CONT, pid, 0, 0));
  SHOW_AS("nothing", waitpid(pid, NULL, WNOHANG | __WALL));
  kill(pid, SIGCONT);
  await_stop("continued", pid);
  SHOW(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("SIGCONT itself", pid);
  SHOW(ptrace(PTRACE_CONT, pid, 0, SIGCONT));
  IS(dt_await_state(pid, "S"));
  end(pid);
}

static void group_stop(void) {
  puts("-- group-stop of an attached one");
  pid_t pid = child(sleeps);
  MUST(ptrace(PTRACE_ATTACH, pid, 0, 0));
  await_stop("attached", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  kill(pid, SIGTSTP);
  await_stop("signal", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
  await_stop("group-stop", pid);
  siginfo_t info;
  SHOW(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  IS_AS("it runs in a stopped group", dt_await_state(pid, "S"));
  kill(pid, SIGSTOP);
  await_stop("signal", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
  await_stop("group-stop", pid);
  SHOW(ptrace(PTRACE_DETACH, pid, 0, 0));
  IS_AS("stopped without tracer", dt_await_state(pid, "T"));
  SHOW_AS("attach to a stopped one", ptrace(PTRACE_ATTACH, pid, 0, 0));
  await_stop("its group-stop", pid);
  MUST(ptrace(PTRACE_CONT, pid, 0, 0));
  await_stop("attached", pid);
  MUST(ptrace(PTRACE_DETACH, pid, 0, 0));
  IS(dt_await_state(pid, "T"));
  SHOW_AS("seize a stopped one", ptrace(PTRACE_SEIZE, pid, 0, 0));
  await_stop("its group-stop", pid);
  MUST(ptrace(PTRACE_DETACH, pid, 0, 0));
  IS(dt_await_state(pid, "T"));
  kill(pid, SIGCONT);
  IS(dt_await_state(pid, "S"));
  end(pid);
}

static void killed(void) {
  puts("-- killed in stops");
  pid_t pid = child(sleeps);
  MUST(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT));
  MUST(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  await_stop("it", pid);
  kill(pid, SIGKILL);
  int status = await_stop("then", pid);
  if (WIFSTOPPED(status)) {
    unsigned long message = 0;
    MUST(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message));
    printf("message %lu\n", message);
    MUST(ptrace(PTRACE_CONT, pid, 0, 0));
    await_stop("end", pid);
  }
  pid = child(sleeps);
  MUST(ptrace(PTRACE_ATTACH, pid, 0, 0));
  await_stop("it", pid);
  end(pid);
}

static void undumpable(void) {
  prctl(PR_SET_DUMPABLE, 0);
  sleeps();
}

static void permissions(void) {
  puts("-- permissions");
  pid_t root = child(sleeps), hidden = 0;
  fflush(stdout);
  pid_t other = fork();
  if (other == 0) {
    MUST(setgid(1000));
    MUST(setuid(1000));
    RAW_AS("another's", raw_ptrace(PTRACE_ATTACH, root, 0, 0));
    RAW_AS("seize another's", raw_ptrace(PTRACE_SEIZE, root, 0, 0));
    pid_t own = child(sleeps);
    hidden = child(undumpable);
    RAW_AS("one's own", raw_ptrace(PTRACE_SEIZE, own, 0, 0));
    RAW_AS("one that is not dumpable", raw_ptrace(PTRACE_SEIZE, hidden, 0, 0));
    fflush(stdout);
    kill(own, SIGKILL);
    kill(hidden, SIGKILL);
    _exit(0);
  }
  await_stop("other", other);
  end(root);
}

static atomic_int *counter;

static void counts(void) {
  for (;;) atomic_fetch_add(counter, 1);
}

static void spinning(void) {
  puts("-- one that computes");
  counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(30);
    counts();
  }
  while (*counter == 0) sched_yield();
  MUST(ptrace(PTRACE_SEIZE, pid, 0, 0));
  for (int i = 0; i < 20; i++) {
    MUST(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
    int status = 0;
    waitpid(pid, &status, __WALL);
    int before = *counter;
    for (int k = 0; k < 100; k++) sched_yield();
    if (!WIFSTOPPED(status) || status >> 16 != PTRACE_EVENT_STOP || *counter != before) puts("it moves");
    MUST(ptrace(PTRACE_CONT, pid, 0, 0));
    while (*counter == before) sched_yield();
  }
  end(pid);
}

int main(void) {
  dt_start(50);
  attach();
  seize();
  group_stop();
  killed();
  permissions();
  spinning();
  return 0;
}
