// /proc/PID/coredump_filter and oom_score_adj: what may be written, and that fork and exec hand them down.
#include "difftest.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *file) {
  char b[64];
  int fd = open(file, O_RDONLY);
  int n = read(fd, b, 63);
  b[n < 0 ? 0 : n] = 0;
  printf("%s: %s", file, b);
  close(fd);
}

static void put(const char *file, const char *text) {
  int fd = open(file, O_WRONLY);
  char label[100];
  snprintf(label, sizeof label, "write <%s>", strcmp(text, "1\n") ? text : "1 and a newline");
  SHOW_AS(label, write(fd, text, strlen(text)));
  close(fd);
}

int main(int argc, char **argv) {
  const char *filter = "/proc/self/coredump_filter", *oom = "/proc/self/oom_score_adj";
  if (argc > 1) {
    show(filter);
    show(oom);
    return 0;
  }
  struct stat st;
  stat(filter, &st);
  printf("mode %o\n", st.st_mode & 07777);
  put(filter, "0x33"); // whatever it was
  const char *values[] = {"0x1", "010", "12", "1\n", "0xfff", "+3", "0", "", " 1", "x", "0x", "08", "-1", "4294967295",
    "4294967296", "1 2", "99999999999999999999", "0x1g"};
  for (unsigned k = 0; k < sizeof values / sizeof *values; k++) {
    put(filter, values[k]);
    show(filter);
  }
  put(filter, "0x55");
  put(oom, "17");
  fflush(stdout);
  if (fork() == 0) {
    show(filter);
    show(oom);
    fflush(stdout);
    execl("/proc/self/exe", argv[0], "again", (char *)0);
    _exit(127);
  }
  wait(0);
  return 0;
}
