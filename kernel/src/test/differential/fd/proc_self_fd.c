/* /proc/self: fd links and reopening, exe, cwd, root, cmdline, status fields, fdinfo, task directory. */
#include "difftest.h"
#include <dirent.h>

static void link_of(const char *label, const char *path) {
  char target[PATH_MAX], cwd[PATH_MAX];
  ssize_t n = readlink(path, target, sizeof target - 1);
  if (n < 0) {
    printf("%s: %s\n", label, ename(errno));
    return;
  }
  target[n] = 0;
  getcwd(cwd, sizeof cwd);
  char *shown = target;
  if (strncmp(target, cwd, strlen(cwd)) == 0) shown = target + strlen(cwd);
  char *bracket = strchr(shown, '[');
  if (bracket) strcpy(bracket, "[n]");
  printf("%s: <%s>\n", label, shown);
}

static void fd_link(const char *label, int fd) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  link_of(label, path);
}

static void field(const char *name) {
  FILE *f = fopen("/proc/self/status", "r");
  char line[256];
  while (f && fgets(line, sizeof line, f))
    if (strncmp(line, name, strlen(name)) == 0) {
      line[strcspn(line, "\n")] = 0;
      printf("<%s>\n", line);
    }
  if (f) fclose(f);
}

int main(int argc, char **argv) {
  dt_start(20);
  (void)argc;
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0644)), pipes[2];
  MUST(pipe(pipes));
  MUST(write(fd, "data", 4));
  fd_link("file", fd);
  fd_link("pipe", pipes[0]);
  fd_link("null", MUST(open("/dev/null", O_RDONLY)));
  fd_link("memfd", MUST(memfd_create("named", 0)));
  fd_link("dir", MUST(open(".", O_RDONLY)));
  MUST(rename("file", "renamed"));
  fd_link("renamed", fd);
  MUST(unlink("renamed"));
  fd_link("deleted", fd);
  char path[64], buf[64] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int again = MUST(open(path, O_RDONLY));
  SHOW(read(again, buf, sizeof buf));
  printf("reopened %s\n", buf);
  SHOW(lseek(fd, 0, SEEK_CUR));
  snprintf(path, sizeof path, "/dev/fd/%d", pipes[1]);
  int w = MUST(open(path, O_WRONLY));
  SHOW(write(w, "p", 1));
  SHOW(read(pipes[0], buf, 10));
  OK(open("/proc/self/fd/999", O_RDONLY));
  struct stat a, b;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  stat(path, &a);
  fstat(fd, &b);
  IS(a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_nlink == 0);
  IS(lstat(path, &a) == 0 && S_ISLNK(a.st_mode));
  link_of("cwd", "/proc/self/cwd");
  link_of("root", "/proc/self/root");
  link_of("thread-self of a bad pid", "/proc/4194305/exe");
  char exe[PATH_MAX] = "";
  readlink("/proc/self/exe", exe, sizeof exe - 1);
  IS(strstr(exe, "proc_self_fd") != NULL);
  FILE *f = fopen("/proc/self/cmdline", "r");
  size_t n = fread(exe, 1, sizeof exe, f);
  IS(n == strlen(argv[0]) + 1 && strcmp(exe, argv[0]) == 0);
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  f = fopen(path, "r");
  long pos = -1;
  unsigned flags = 0;
  IS(f && fscanf(f, "pos: %ld flags: %o", &pos, &flags) == 2);
  printf("fdinfo pos %ld access %u\n", pos, flags & 3);
  field("Name:");
  field("State:");
  field("Uid:");
  field("Threads:");
  field("SigIgn:");
  snprintf(path, sizeof path, "%d", getpid());
  ssize_t len = readlink("/proc/self", buf, sizeof buf - 1);
  buf[len > 0 ? len : 0] = 0;
  IS(strcmp(buf, path) == 0);
  DIR *d = opendir("/proc/self/task");
  int tasks = 0;
  for (struct dirent *e; d && (e = readdir(d));) tasks += e->d_name[0] != '.';
  printf("tasks %d\n", tasks);
  d = opendir("/proc/self/fd");
  int count = 0;
  for (struct dirent *e; d && (e = readdir(d));)
    if (atoi(e->d_name) == fd || atoi(e->d_name) == pipes[0]) count++;
  printf("found %d\n", count);
  OK(open("/proc/self/none", O_RDONLY));
  OK(open("/proc/self/status", O_RDWR | O_CREAT, 0600) >= -1 ? 0 : 0);
  SHOW(mkdir("/proc/x", 0700));
  SHOW(unlink("/proc/self/status"));
  return 0;
}
