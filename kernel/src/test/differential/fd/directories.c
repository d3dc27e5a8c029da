/* mkdir, rmdir, getdents64, seeking, many entries, unlink while reading, chdir, fchdir, getcwd. */
#include "difftest.h"
#include <dirent.h>

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void list(const char *path) {
  DIR *d = opendir(path);
  if (!d) {
    printf("%s: %s\n", path, ename(errno));
    return;
  }
  char *names[64];
  int n = 0;
  struct dirent *e;
  while ((e = readdir(d)) && n < 64) {
    struct stat st;
    char full[600];
    snprintf(full, sizeof full, "%s/%s", path, e->d_name);
    lstat(full, &st);
    char text[400];
    snprintf(text, sizeof text, "%s type %d inode %s", e->d_name, e->d_type,
             e->d_ino == st.st_ino ? "right" : "wrong");
    names[n++] = strdup(text);
  }
  closedir(d);
  qsort(names, n, sizeof *names, compare);
  for (int i = 0; i < n; i++)
    if (strncmp(names[i], ".. ", 3) != 0) printf("  %s\n", names[i]);
}

int main(void) {
  dt_start(20);
  SHOW(mkdir("d", 0777));
  SHOW(mkdir("d", 0777));
  SHOW(mkdir("none/d", 0777));
  SHOW(mkdir("d/sub/", 0700));
  SHOW(mkdir("", 0700));
  SHOW(mkdir("d/.", 0700));
  SHOW(mkdir("/", 0700));
  dt_write_file("d/file", "x", 0644);
  MUST(symlink("file", "d/link"));
  MUST(mkfifo("d/fifo", 0644));
  list("d");
  struct stat st;
  stat("d", &st);
  printf("mode %o\n", st.st_mode);
  SHOW(rmdir("d"));
  SHOW(rmdir("d/file"));
  SHOW(rmdir("d/sub/."));
  SHOW(rmdir("d/sub/.."));
  SHOW(rmdir("none"));
  SHOW(rmdir("/"));
  SHOW(rmdir("d/link"));
  SHOW(unlink("d/sub"));
  SHOW(unlink("d/none"));
  SHOW(unlink("d/file/"));
  SHOW(unlinkat(AT_FDCWD, "d/sub", AT_REMOVEDIR));
  SHOW(unlinkat(AT_FDCWD, "d/sub", 0x8));
  MUST(mkdir("many", 0755));
  for (int i = 0; i < 150; i++) {
    char name[64];
    snprintf(name, sizeof name, "many/entry-with-a-name-%03d", i);
    close(MUST(open(name, O_CREAT | O_WRONLY, 0600)));
  }
  int fd = MUST(open("many", O_RDONLY | O_DIRECTORY)), seen = 0, batches = 0;
  char buf[1024];
  long n;
  while ((n = raw3(SYS_getdents64, fd, buf, sizeof buf)) > 0) {
    batches++;
    for (long at = 0; at < n; at += *(unsigned short *)(buf + at + 16)) seen++;
  }
  printf("seen %d end %ld more than one batch %d\n", seen, n, batches > 1);
  SHOW(lseek(fd, 0, SEEK_SET));
  IS(raw3(SYS_getdents64, fd, buf, sizeof buf) > 0);
  RAW(raw3(SYS_getdents64, fd, buf, 8));
  RAW(raw3(SYS_getdents64, 999, buf, 8));
  int file = MUST(open("d/file", O_RDONLY));
  RAW(raw3(SYS_getdents64, file, buf, sizeof buf));
  DIR *d = opendir("many");
  struct dirent *e;
  int removed = 0;
  while ((e = readdir(d)))
    if (e->d_name[0] != '.' && unlinkat(dirfd(d), e->d_name, 0) == 0) removed++;
  printf("removed while reading %d\n", removed);
  closedir(d);
  SHOW(rmdir("many"));
  RAW(raw3(SYS_getdents64, fd, buf, sizeof buf));
  OK(openat(fd, "new", O_CREAT | O_RDWR, 0600));
  SHOW(mkdirat(fd, "new", 0700));
  char home[PATH_MAX], now[PATH_MAX];
  getcwd(home, sizeof home);
  SHOW(chdir("d"));
  getcwd(now, sizeof now);
  IS(strncmp(now, home, strlen(home)) == 0 && strcmp(now + strlen(home), "/d") == 0);
  IS(syscall(SYS_getcwd, now, sizeof now) == (long)strlen(now) + 1);
  SHOW(syscall(SYS_getcwd, now, 3));
  SHOW(chdir("file"));
  SHOW(chdir("none"));
  MUST(mkdir("gone", 0700));
  MUST(chdir("gone"));
  MUST(rmdir("../gone"));
  IS(getcwd(now, sizeof now) == NULL && errno == ENOENT);
  OK(open("x", O_CREAT | O_RDWR, 0600));
  OK(open(".", O_RDONLY));
  list(".");
  SHOW(fchdir(file));
  SHOW(chdir(home));
  int h = MUST(open(".", O_PATH));
  chdir("/");
  SHOW(fchdir(h));
  list("d");
  return 0;
}
