/* RLIMIT_NPROC: tasks of one real user, zombies and threads included; checked by fork, clone and, after setuid, exec. */
#include "../difftest.h"

static void set_limit(rlim_t n) {
  struct rlimit r = {n, n};
  setrlimit(RLIMIT_NPROC, &r);
}

static int forks_until_refused(int most, int *error) {
  int n = 0;
  *error = 0;
  while (n < most) {
    pid_t p = fork();
    if (p < 0) {
      *error = errno;
      break;
    }
    if (p == 0) {
      pause();
      _exit(0);
    }
    n++;
  }
  return n;
}

static void *sleeper(void *unused) {
  (void)unused;
  pause();
  return NULL;
}

static void as_user(uid_t uid, void (*body)(void)) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    setpgid(0, 0);
    setresgid(uid, uid, uid);
    setresuid(uid, uid, uid);
    body();
    fflush(stdout);
    _exit(0);
  }
  int status;
  waitpid(p, &status, 0);
  printf("status %d\n", status);
}

static void limited(void) {
  set_limit(20);
  int error;
  SHOW(forks_until_refused(100, &error));
  printf("%s\n", ename(error));
  pthread_t t;
  SHOW(pthread_create(&t, NULL, sleeper, NULL));
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
  siginfo_t info;
  for (int i = 0; i < 19; i++) waitid(P_ALL, 0, &info, WEXITED | WNOWAIT); /* they stay zombies */
  SHOW(fork());
  SHOW(waitpid(-1, NULL, 0) > 0);
  SHOW(pthread_create(&t, NULL, sleeper, NULL));
  SHOW(fork());
  while (waitpid(-1, NULL, 0) > 0) {}
  set_limit(2);
  SHOW(pthread_create(&t, NULL, sleeper, NULL));
  set_limit(0);
  SHOW(fork());
  fflush(stdout);
  execl("/bin/sh", "sh", "-c", "echo exec: the user has not changed since", NULL);
}

static void root_is_not_limited(void) {
  set_limit(1);
  pid_t p;
  SHOW((p = fork()) >= 0);
  if (p == 0) _exit(0);
  waitpid(p, NULL, 0);
}

/* A new user each time: the killed of the time before may not be reaped yet. */
static void change_user(uid_t uid, int others, rlim_t limit) {
  printf("%d others, limit %ld\n", others, (long)limit);
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    setpgid(0, 0);
    for (int i = 0; i < others; i++) {
      if (fork() == 0) {
        setresuid(uid, uid, uid);
        raise(SIGSTOP);
        _exit(0);
      }
      waitpid(-1, NULL, WUNTRACED);
    }
    pid_t q = fork();
    if (q == 0) {
      set_limit(limit);
      SHOW_AS("setresuid", setresuid(uid, uid, uid));
      fflush(stdout);
      SHOW(execl("/bin/sh", "sh", "-c", "echo executed", NULL));
      fflush(stdout);
      _exit(3);
    }
    waitpid(q, NULL, 0);
    kill(0, SIGKILL);
  }
  int status;
  waitpid(p, &status, 0);
  printf("status %d\n", status);
}

int main(void) {
  uid_t own = 100000 + getpid(); /* runs beside this one have users of their own */
  as_user(own, limited);
  as_user(0, root_is_not_limited);
  change_user(own + 1000000, 0, 0);
  change_user(own + 2000000, 1, 1);
  change_user(own + 3000000, 2, 1);
  change_user(own + 4000000, 2, 2);
  return 0;
}
