// A program that runs cannot be opened for writing or truncated; a file that is open for writing cannot be run (ETXTBSY).
#include "difftest.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char copy[] = "text_busy_copy";

static void copy_self(void) {
  char buffer[65536];
  int from = open("/proc/self/exe", O_RDONLY);
  int to = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  ssize_t n;
  while ((n = read(from, buffer, sizeof buffer)) > 0) {
    if (write(to, buffer, n) != n) exit(3);
  }
  close(from);
  close(to);
}

static void attempts(const char *when) {
  printf("%s\n", when);
  int fd;
  OK(fd = open(copy, O_WRONLY));
  if (fd >= 0) close(fd);
  OK(fd = open(copy, O_RDWR));
  if (fd >= 0) close(fd);
  OK(fd = open(copy, O_RDONLY | O_TRUNC));
  if (fd >= 0) close(fd);
  OK(fd = open(copy, O_WRONLY | O_CREAT, 0755));
  if (fd >= 0) close(fd);
  OK(truncate(copy, 4096));
  OK(access(copy, W_OK));
  OK(chmod(copy, 0700));
  fd = open(copy, O_RDONLY);
  OK(fchmod(fd, 0755));
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  OK(open(link, O_WRONLY));
  char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  printf("private mapping %d\n", m != MAP_FAILED);
  munmap(m, 4096);
  close(fd);
}

static pid_t start(int *go, char *how) {
  int p[2], ready[2];
  if (pipe(p) || pipe(ready)) exit(4);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(p[0], 0);
    dup2(ready[1], 9);
    close(p[1]);
    execl(copy, copy, how, (char *)0);
    _exit(127);
  }
  close(p[0]);
  close(ready[1]);
  char c;
  if (read(ready[0], &c, 1) != 1) exit(5);
  close(ready[0]);
  *go = p[1];
  return pid;
}

int main(int argc, char **argv) {
  char c = 'r';
  if (argc > 1) { // the copy
    pid_t child = strcmp(argv[1], "forks") ? 1 : fork();
    if (child > 0 && strcmp(argv[1], "forks") == 0) _exit(0);
    if (write(9, &c, 1) != 1) _exit(6);
    if (read(0, &c, 1) < 0) _exit(7);
    _exit(0);
  }
  int go, status;
  copy_self();
  pid_t pid = start(&go, "waits");
  attempts("while it runs");
  OK(rename(copy, "text_busy_other"));
  OK(open("text_busy_other", O_WRONLY));
  OK(rename("text_busy_other", copy));
  close(go);
  waitpid(pid, &status, 0);
  printf("status %d\n", status);
  OK(truncate(copy, 10));
  copy_self();

  pid = start(&go, "forks"); // what runs then is the child of what was executed
  waitpid(pid, &status, 0);
  int fd;
  OK(fd = open(copy, O_WRONLY));
  close(go);
  while ((fd = open(copy, O_WRONLY)) < 0) usleep(1000); // until that child has gone
  printf("writable again\n");

  fflush(stdout);
  if (fork() == 0) {
    execl(copy, copy, "waits", (char *)0);
    printf("while open for writing: %d\n", errno == ETXTBSY);
    fflush(stdout);
    _exit(0);
  }
  wait(&status);
  close(fd);
  fflush(stdout);
  if (fork() == 0) {
    dup2(open("/dev/null", O_RDONLY), 0);
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 9);
    execl(copy, copy, "waits", (char *)0);
    _exit(127);
  }
  wait(&status);
  printf("runs: %d\n", WEXITSTATUS(status));
  unlink(copy);
  return 0;
}
