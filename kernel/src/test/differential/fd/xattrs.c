/* Extended attributes by path, link and descriptor. */
#include "difftest.h"
#include <sys/xattr.h>

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *label, const char *path) {
  char names[512], *at[16];
  ssize_t n = listxattr(path, names, sizeof names);
  if (n < 0) { printf("%s: %s\n", label, ename(errno)); return; }
  int count = 0;
  for (char *p = names; p < names + n; p += strlen(p) + 1)
    if (strncmp(p, "security.", 9) != 0) at[count++] = p;
  qsort(at, (size_t)count, sizeof *at, by_name);
  printf("%s:", label);
  for (int i = 0; i < count; i++) printf(" %s", at[i]);
  puts("");
}

int main(void) {
  dt_start(20);
  dt_write_file("f", "x", 0644);
  MUST(symlink("f", "l"));
  MUST(mkdir("d", 0755));
  char buf[300], big[70000];
  memset(big, 'b', sizeof big);
  list("none", "f");
  SHOW(getxattr("f", "user.a", buf, sizeof buf));
  SHOW(setxattr("f", "user.a", "value", 5, XATTR_REPLACE));
  SHOW(setxattr("f", "user.a", "value", 5, XATTR_CREATE));
  SHOW(setxattr("f", "user.a", "value", 5, XATTR_CREATE));
  SHOW(setxattr("f", "user.a", "longer value", 12, XATTR_REPLACE));
  SHOW(setxattr("f", "user.a", "x", 1, 4));
  SHOW(setxattr("f", "user.a", "x", 1, 3));
  SHOW(getxattr("f", "user.a", NULL, 0));
  SHOW(getxattr("f", "user.a", buf, 3));
  SHOW(getxattr("f", "user.a", buf, sizeof buf));
  printf("%.12s\n", buf);
  SHOW(getxattr("l", "user.a", buf, sizeof buf));
  SHOW(lgetxattr("l", "user.a", buf, sizeof buf));
  SHOW(lsetxattr("l", "user.b", "1", 1, 0));
  SHOW(setxattr("l", "user.b", "", 0, 0));
  SHOW(getxattr("f", "user.b", buf, sizeof buf));
  list("two", "f");
  list("link", "l");
  int fd = MUST(open("f", O_RDONLY));
  SHOW(fsetxattr(fd, "user.c", "ccc", 3, 0));
  SHOW(fgetxattr(fd, "user.c", buf, sizeof buf));
  SHOW(flistxattr(fd, buf, 1));
  SHOW(fremovexattr(fd, "user.c"));
  SHOW(fremovexattr(fd, "user.c"));
  SHOW(removexattr("f", "user.none"));
  int path = MUST(open("f", O_PATH));
  SHOW(fgetxattr(path, "user.a", buf, sizeof buf));
  SHOW(fsetxattr(path, "user.a", "x", 1, 0));
  SHOW(fgetxattr(-1, "user.a", buf, sizeof buf));
  SHOW(getxattr("missing", "user.a", buf, sizeof buf));
  SHOW(getxattr("f", "nonsense", buf, sizeof buf));
  SHOW(setxattr("f", "nonsense", "x", 1, 0));
  SHOW(setxattr("f", "user.", "x", 1, 0));
  SHOW(setxattr("f", "", "x", 1, 0));
  SHOW(setxattr("f", "user.big", big, 65537, 0));
  memset(buf, 'n', sizeof buf);
  memcpy(buf, "user.", 5);
  buf[256] = 0;
  SHOW(setxattr("f", buf, "x", 1, 0));
  buf[255] = 0;
  SHOW(setxattr("f", buf, "x", 1, 0));
  SHOW(setxattr("d", "user.dir", "d", 1, 0));
  SHOW(getxattr("d", "user.dir", buf, sizeof buf));
  SHOW(mkfifo("p", 0644));
  SHOW(setxattr("p", "user.a", "x", 1, 0));
  SHOW(getxattr("p", "user.a", buf, sizeof buf));
  RAW(raw5(SYS_setxattr, "f", "user.a", 8, 5, 0));
  RAW(raw4(SYS_getxattr, "f", "user.a", 8, 100));
  RAW(raw4(SYS_getxattr, "f", 8, 0, 0));
  MUST(rename("f", "g"));
  SHOW(getxattr("g", "user.a", buf, sizeof buf));
  MUST(link("g", "h"));
  SHOW(setxattr("h", "user.shared", "s", 1, 0));
  SHOW(getxattr("g", "user.shared", buf, sizeof buf));
  struct stat before, after;
  MUST(stat("g", &before));
  dt_sleep_ms(20);
  MUST(setxattr("g", "user.t", "t", 1, 0));
  MUST(stat("g", &after));
  IS(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec && before.st_mtim.tv_sec == after.st_mtim.tv_sec);
  IS(before.st_ctim.tv_nsec != after.st_ctim.tv_nsec || before.st_ctim.tv_sec != after.st_ctim.tv_sec);
  if (geteuid() == 0) {
    SHOW(setxattr("g", "trusted.x", "t", 1, 0));
    SHOW(getxattr("g", "trusted.x", buf, sizeof buf));
    MUST(chmod("g", 0600));
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
      MUST(setresuid(12345, 12345, 12345));
      SHOW(getxattr("g", "user.a", buf, sizeof buf));
      SHOW(setxattr("g", "user.a", "x", 1, 0));
      SHOW(getxattr("g", "trusted.x", buf, sizeof buf));
      SHOW(setxattr("g", "trusted.x", "y", 1, 0));
      list("as user", "g");
      fflush(stdout);
      _exit(0);
    }
    dt_reap("user", pid);
  }
  return 0;
}
