/* execve limits: one string of 128 KiB, the total, empty argv, E2BIG, and that the caller survives a failure. */
#include "difftest.h"

static char *filled(size_t n) {
  char *s = malloc(n + 1);
  memset(s, 'x', n);
  s[n] = 0;
  return s;
}

static void run(const char *label, char **argv, char **envp) {
  pid_t pid = fork();
  if (pid == 0) {
    execve("/bin/true", argv, envp);
    printf("%s: execve %s\n", label, ename(errno));
    _exit(errno == E2BIG ? 77 : 78);
  }
  dt_reap(label, pid);
}

int main(void) {
  dt_start(30);
  char *none[] = {NULL};
  char *one[] = {"true", NULL, NULL};
  run("plain", one, none);
  one[1] = filled(131071);
  run("string of 128 KiB less one", one, none);
  one[1] = filled(131072);
  run("string of 128 KiB", one, none);
  one[1] = filled(1 << 20);
  run("string of 1 MiB", one, none);
  one[1] = NULL;
  char *env[] = {filled(131072), NULL};
  run("environment string of 128 KiB", one, env);
  char *many[42];
  for (int i = 0; i < 41; i++) many[i] = filled(100000);
  many[41] = NULL;
  many[10] = NULL;
  run("1 MB in all", many, none);
  many[10] = many[11];
  run("4 MB in all", many, none);
  struct rlimit small = {1 << 20, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &small);
  many[4] = NULL;
  many[2] = NULL;
  run("200 kB with a 1 MiB stack limit", many, none);
  many[2] = many[3];
  run("400 kB with a 1 MiB stack limit", many, none);
  pid_t pid = fork();
  if (pid == 0) {
    execve("/bin/true", NULL, NULL);
    _exit(98);
  }
  dt_reap("NULL argv", pid);
  pid = fork();
  if (pid == 0) {
    RAW(raw3(SYS_execve, "/bin/true", 8, 0));
    RAW(raw3(SYS_execve, "/bin/true", one, 8));
    RAW(raw3(SYS_execve, 8, one, none));
    char *bad[] = {"true", (char *)8, NULL};
    RAW(raw3(SYS_execve, "/bin/true", bad, none));
    _exit(3);
  }
  dt_reap("bad pointers", pid);
  return 0;
}
