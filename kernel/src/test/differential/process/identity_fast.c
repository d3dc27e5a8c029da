/*
 * The calls that ask who one is, made by SYSCALL without libc in between, where a kernel may answer them on a short way:
 * across fork, vfork, exec, threads, setuid of one thread, orphans, and under a rain of signals. What they do to the
 * other registers and to the flags.
 */
#include "difftest.h"
#include <sys/prctl.h>

static long ask(long number) {
  __asm__ volatile("syscall" : "+a"(number) : : "rcx", "r11", "memory");
  return number;
}

#define PID() ask(SYS_getpid)
#define TID() ask(SYS_gettid)
#define PPID() ask(SYS_getppid)

struct shared {
  _Atomic int stage, result;
  _Atomic long value;
};
static struct shared *shared;

static void await(int stage) {
  while (atomic_load(&shared->stage) < stage) sched_yield();
}

static int child_status(pid_t pid) {
  int status = -1;
  while (waitpid(pid, &status, 0) == -1 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void forks(void) {
  long me = PID();
  dt_truth("the leader's tid is its pid", TID() == me);
  pid_t child = fork();
  if (child == 0) {
    shared->value = PID();
    _exit(PPID() == me && TID() == PID() && PID() != me ? 7 : 8);
  }
  SHOW_AS("child of fork", child_status(child));
  dt_truth("fork told the child's pid", shared->value == child);
  dt_truth("the parent is who it was", PID() == me);
  child = vfork();
  if (child == 0) {
    shared->value = PID();
    shared->result = PPID() == me;
    _exit(9);
  }
  dt_truth("after vfork the parent is itself", PID() == me && TID() == me);
  SHOW_AS("child of vfork", child_status(child));
  dt_truth("vfork told the child's pid", shared->value == child);
  dt_truth("its parent was right", shared->result);
}

static void orphans(void) {
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  shared->stage = 0;
  pid_t me = getpid(), middle = fork();
  if (middle == 0) {
    pid_t mine = getpid();
    if (fork() == 0) {
      bool before = PPID() == mine;
      atomic_store(&shared->stage, 1);
      while (atomic_load(&shared->stage) < 2) {
        long parent = PPID();
        if (parent != mine && parent != me) before = false;
      }
      _exit(before && PPID() == me ? 11 : 12);
    }
    await(1);
    _exit(10);
  }
  SHOW_AS("the parent in the middle", child_status(middle));
  atomic_store(&shared->stage, 2);
  int status = -1;
  wait(&status);
  SHOW_AS("the orphan, asking all the time", WEXITSTATUS(status));
}

static _Atomic int strange, signals_seen;
static long process;
static _Thread_local long thread;

static void on_signal(int sig) {
  (void)sig;
  if (PID() != process || TID() != thread) strange++;
  signals_seen++;
}

static void *asks(void *argument) {
  thread = TID();
  if (thread == process) strange++;
  atomic_store((_Atomic long *)argument, thread);
  for (int i = 0; i < 20000; i++) {
    if (PID() != process || TID() != thread || ask(SYS_getuid) != getuid()) strange++;
    if (ask(SYS_sched_yield) != 0) strange++;
  }
  return NULL;
}

static void threads(void) {
  process = PID();
  thread = TID();
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGUSR1, &action, NULL);
  pthread_t t[4];
  static _Atomic long tids[4];
  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, asks, (void *)&tids[i]);
  for (int i = 0; i < 4; i++)
    while (tids[i] == 0) sched_yield();
  for (int i = 0; i < 200; i++) {
    pthread_kill(t[i % 4], SIGUSR1);
    if (PID() != process || TID() != thread) strange++;
    usleep(200);
  }
  for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
  bool distinct = true;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < i; j++) distinct &= tids[i] != tids[j];
  dt_truth("threads have tids of their own", distinct);
  SHOW_AS("wrong answers under signals", strange);
  dt_truth("handlers ran", signals_seen > 0);
}

static void *one_thread_changes(void *unused) {
  (void)unused;
  bool root = ask(SYS_getuid) == 0;
  long set = raw3(SYS_setresgid, 2000, 2001, 2002) | raw3(SYS_setresuid, 1000, 1001, 1002);
  SHOW_AS("one thread sets its ids", set);
  if (root) {
    SHOW_AS("its uid", ask(SYS_getuid));
    SHOW_AS("its euid", ask(SYS_geteuid));
    SHOW_AS("its gid", ask(SYS_getgid));
    SHOW_AS("its egid", ask(SYS_getegid));
  }
  atomic_store(&shared->stage, 1);
  await(2);
  if (root) SHOW_AS("its euid still", ask(SYS_geteuid));
  return NULL;
}

static void credentials(void) {
  fflush(stdout);
  shared->stage = 0;
  pid_t child = fork();
  if (child == 0) {
    pthread_t t;
    pthread_create(&t, NULL, one_thread_changes, NULL);
    await(1);
    SHOW_AS("the other thread's uid", ask(SYS_getuid));
    SHOW_AS("the other thread's egid", ask(SYS_getegid));
    atomic_store(&shared->stage, 2);
    pthread_join(t, NULL);
    SHOW_AS("setgid by libc", setgid(3000));
    SHOW_AS("setuid by libc", setuid(0xfffffff0u));
    SHOW_AS("uid", ask(SYS_getuid));
    SHOW_AS("euid", ask(SYS_geteuid));
    SHOW_AS("gid", ask(SYS_getgid));
    SHOW_AS("egid", ask(SYS_getegid));
    pid_t below = fork();
    if (below == 0) _exit(ask(SYS_geteuid) == 0xfffffff0l ? 3 : 4);
    SHOW_AS("inherited", child_status(below));
    fflush(stdout);
    _exit(0);
  }
  SHOW_AS("the process that changed", child_status(child));
  SHOW_AS("the parent's uid", ask(SYS_getuid));
}

static void registers(void) {
  static const long calls[] = {SYS_getpid, SYS_gettid, SYS_getuid, SYS_getppid, SYS_getegid, SYS_sched_yield};
  bool kept = true, flags_kept = true;
  for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
    for (unsigned long flags = 0; flags < 0x1000; flags++) {
      if ((flags & ~0xcd5ul) != 0) continue; /* CF PF AF ZF SF DF OF */
      long rax = calls[i], rdx = 1, rsi = 2, rdi = 3;
      register long r8 __asm__("r8") = 8, r9 __asm__("r9") = 9, r10 __asm__("r10") = 10;
      unsigned long after = flags | 0x202;
      __asm__ volatile("pushq %[f]; popfq; syscall; pushfq; popq %[f]; cld"
                       : "+a"(rax), "+d"(rdx), "+S"(rsi), "+D"(rdi), "+r"(r8), "+r"(r9), "+r"(r10), [f] "+b"(after)
                       :
                       : "rcx", "r11", "memory", "cc");
      kept &= rdx == 1 && rsi == 2 && rdi == 3 && r8 == 8 && r9 == 9 && r10 == 10;
      flags_kept &= after == (flags | 0x202);
    }
  }
  dt_truth("other registers are kept", kept);
  dt_truth("flags are kept", flags_kept);
}

static _Atomic int traps;

static void on_trap(int sig) {
  (void)sig;
  traps++;
}

static void single_steps(void) {
  struct sigaction action = {.sa_handler = on_trap};
  sigaction(SIGTRAP, &action, NULL);
  long rax = SYS_getpid;
  __asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; syscall; nop; nop; pushfq; andl $~0x100, (%%rsp); popfq"
                   : "+a"(rax)
                   :
                   : "rcx", "r11", "memory", "cc");
  dt_truth("the answer while single-stepping", rax == getpid());
  dt_truth("it goes on stepping behind the call", traps >= 4);
}

static void *execs(void *path) {
  char pid[24];
  snprintf(pid, sizeof pid, "%d", getpid());
  execl(path, path, "again", pid, (char *)NULL);
  return NULL;
}

static void exec_from(const char *self, bool thread) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    pthread_t t;
    if (!thread) execs((void *)self);
    pthread_create(&t, NULL, execs, (void *)self);
    for (;;) PID();
  }
  SHOW_AS(thread ? "exec by another thread" : "exec", child_status(child));
}

int main(int argc, char **argv) {
  dt_start(60);
  if (argc > 2) return PID() == atol(argv[2]) && TID() == PID() ? 21 : 22;
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  forks();
  orphans();
  threads();
  credentials();
  registers();
  single_steps();
  exec_from("/proc/self/exe", false);
  exec_from("/proc/self/exe", true);
  return 0;
}
