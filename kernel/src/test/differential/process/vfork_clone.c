/* vfork suspends the parent; clone flags that share or copy descriptors, memory, cwd and handlers. */
#include "difftest.h"

static char stack[64 * 1024] __attribute__((aligned(16)));
static volatile int word;
static int fd_probe;

static int child_sets(void *arg) {
  (void)arg;
  word = 1;
  close(fd_probe);
  chdir("/");
  umask(0077);
  signal(SIGUSR1, SIG_IGN);
  return 17;
}

static void with_flags(const char *label, int flags) {
  char cwd[PATH_MAX], now[PATH_MAX];
  getcwd(cwd, sizeof cwd);
  umask(022);
  signal(SIGUSR1, SIG_DFL);
  word = 0;
  fd_probe = open("/dev/null", O_RDONLY);
  int pid = clone(child_sets, stack + sizeof stack, flags, NULL);
  if (pid < 0) {
    printf("%s: %s\n", label, ename(errno));
    return;
  }
  int status = 0;
  waitpid(pid, &status, __WALL);
  dt_status(label, status);
  struct sigaction sa;
  sigaction(SIGUSR1, NULL, &sa);
  getcwd(now, sizeof now);
  mode_t mask = umask(022);
  printf("  memory %s, fd %s, cwd %s, umask %s, handlers %s\n", word ? "shared" : "copied",
         fcntl(fd_probe, F_GETFD) == -1 ? "shared" : "copied", strcmp(cwd, now) ? "shared" : "copied",
         mask == 0077 ? "shared" : "copied", sa.sa_handler == SIG_IGN ? "shared" : "copied");
  close(fd_probe);
  chdir(cwd);
}

int main(void) {
  dt_start(20);
  volatile int seen = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    seen = 1;
    _exit(21);
  }
  printf("after vfork seen=%d\n", seen);
  dt_reap("vfork child", pid);
  pid = vfork();
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", "exit 23", (char *)NULL);
    _exit(99);
  }
  dt_reap("vfork exec", pid);
  pid = vfork();
  if (pid == 0) {
    execl("/no/such/program", "x", (char *)NULL);
    _exit(errno == ENOENT ? 24 : 25);
  }
  dt_reap("vfork failed exec", pid);
  with_flags("clone SIGCHLD", SIGCHLD);
  with_flags("clone VM", CLONE_VM | SIGCHLD);
  with_flags("clone FILES", CLONE_FILES | SIGCHLD);
  with_flags("clone FS", CLONE_FS | SIGCHLD);
  with_flags("clone VM SIGHAND", CLONE_VM | CLONE_SIGHAND | SIGCHLD);
  with_flags("clone VM VFORK", CLONE_VM | CLONE_VFORK | SIGCHLD);
  with_flags("clone no signal", 0);
  with_flags("clone SIGHAND alone", CLONE_SIGHAND | SIGCHLD);
  with_flags("clone THREAD alone", CLONE_THREAD | SIGCHLD);
  with_flags("clone NEWNS with FS", CLONE_NEWNS | CLONE_FS | SIGCHLD);
  int pid_no_signal = clone(child_sets, stack + sizeof stack, 0, NULL);
  SHOW(waitpid(pid_no_signal, NULL, 0));
  IS(waitpid(pid_no_signal, NULL, __WCLONE) == pid_no_signal);
  pid_t parent_tid = 0, child_tid = 0;
  pid = clone(child_sets, stack + sizeof stack, CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL,
              &parent_tid, NULL, &child_tid);
  waitpid(pid, NULL, 0);
  IS(parent_tid == pid);
  IS(child_tid == pid);
  return 0;
}
