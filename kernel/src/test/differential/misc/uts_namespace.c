/* Namespaces of host and domain names: unshare, clone, inheritance, threads, who may. Changes nothing outside its own. */
#include "difftest.h"
#include <sys/utsname.h>

static void show(const char *label) {
  struct utsname u;
  char host[100] = "", file[100] = "";
  uname(&u);
  gethostname(host, sizeof host);
  int fd = open("/proc/sys/kernel/hostname", O_RDONLY);
  ssize_t n = read(fd, file, sizeof file - 1);
  if (n > 0) file[n - 1] = 0;
  close(fd);
  printf("%s: %s %s %s %s\n", label, u.nodename, host, file, u.domainname);
}

static void *thread(void *arg) {
  (void)arg;
  show("thread");
  MUST(unshare(CLONE_NEWUTS));
  SHOW(sethostname("thread", 6));
  show("thread");
  return NULL;
}

static void user(void) {
  MUST(setresuid(1000, 1000, 1000));
  SHOW(unshare(CLONE_NEWUTS));
  SHOW(sethostname("user", 4));
  RAW(raw5(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0));
}

int main(void) {
  dt_start(20);
  MUST(unshare(CLONE_NEWUTS));
  MUST(sethostname("outer-host", 10));
  MUST(setdomainname("outer.domain", 12));
  show("own");
  SHOW(sethostname("", 0));
  show("empty");
  char longest[65];
  memset(longest, 'n', 65);
  SHOW(sethostname(longest, 64));
  struct utsname u;
  uname(&u);
  IS(strlen(u.nodename) == 64);
  MUST(sethostname("outer\0host", 10));
  show("with a NUL");
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    show("child");
    SHOW(sethostname("shared", 6));
    MUST(unshare(CLONE_NEWUTS));
    SHOW(sethostname("inner", 5));
    show("child");
    _exit(0);
  }
  dt_reap("child", pid);
  show("after the child");
  fflush(stdout);
  pid = raw5(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) {
    show("clone");
    SHOW(sethostname("cloned", 6));
    show("clone");
    fflush(stdout);
    _exit(0);
  }
  dt_reap("clone", pid);
  show("after the clone");
  pthread_t t;
  pthread_create(&t, NULL, thread, NULL);
  pthread_join(t, NULL);
  show("after the thread");
  dt_in_child("user", user);
  return 0;
}
