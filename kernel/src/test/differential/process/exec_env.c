/* execve: argv and environment arrive, descriptors and signal state carry over as documented. */
#include "difftest.h"

static void second(int argc, char **argv, char **envp) {
  printf("argc %d\n", argc);
  for (int i = 2; i < argc; i++) printf("argv[%d] = <%s>\n", i, argv[i]);
  for (char **e = envp; *e; e++)
    if (strncmp(*e, "DT_", 3) == 0 && strncmp(*e, "DT_PID", 6) != 0) printf("env <%s>\n", *e);
  IS(argv[argc] == NULL);
  IS(fcntl(100, F_GETFD) == 0);
  IS(fcntl(101, F_GETFD) == -1);
  struct sigaction sa;
  sigaction(SIGUSR1, NULL, &sa);
  IS(sa.sa_handler == SIG_DFL);
  sigaction(SIGUSR2, NULL, &sa);
  IS(sa.sa_handler == SIG_IGN);
  sigset_t set;
  sigprocmask(SIG_SETMASK, NULL, &set);
  IS(sigismember(&set, SIGHUP));
  IS(!sigismember(&set, SIGINT));
  sigpending(&set);
  IS(sigismember(&set, SIGHUP));
  stack_t ss;
  sigaltstack(NULL, &ss);
  IS(ss.ss_flags == SS_DISABLE);
  mode_t mask = umask(0);
  printf("umask %03o\n", mask);
  IS(alarm(0) > 0);
  char comm[32] = "";
  int fd = open("/proc/self/comm", O_RDONLY);
  read(fd, comm, sizeof comm - 1);
  printf("comm %s", comm);
  char exe[PATH_MAX] = "";
  readlink("/proc/self/exe", exe, sizeof exe - 1);
  IS(strstr(exe, "exec_env") != NULL);
  IS(strtol(getenv("DT_PID"), NULL, 10) == getpid());
}

static void handler(int sig) { (void)sig; }
static char alt[65536];

int main(int argc, char **argv, char **envp) {
  if (argc > 1 && strcmp(argv[1], "second") == 0) {
    setvbuf(stdout, NULL, _IOLBF, 4096);
    second(argc, argv, envp);
    return 44;
  }
  dt_start(20);
  int null = open("/dev/null", O_RDWR);
  MUST(dup2(null, 100));
  MUST(dup3(null, 101, O_CLOEXEC));
  signal(SIGUSR1, handler);
  signal(SIGUSR2, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGHUP);
  stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
  sigaltstack(&ss, NULL);
  umask(027);
  char pid_text[32];
  snprintf(pid_text, sizeof pid_text, "DT_PID=%d", getpid());
  char *args[] = {argv[0], "second", "", "two words", "tab\there", "\xc3\xa9", NULL};
  char *env[] = {"DT_A=1", "DT_EMPTY=", "DT_A=again", "novalue", pid_text, NULL};
  SHOW(execve("/", args, env));
  SHOW(execve("/dev/null", args, env));
  SHOW(execve("", args, env));
  SHOW(execve("/etc/passwd/x", args, env));
  fflush(stdout);
  execve("/proc/self/exe", args, env);
  printf("exec failed: %s\n", ename(errno));
  return 1;
}
