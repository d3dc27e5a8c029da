/* rename in all cases and flags, link, linkat, unlinked open files, nlink counts, ctime order. */
#include "difftest.h"

static void what(const char *path) {
  struct stat st;
  if (lstat(path, &st)) {
    printf("  %s: %s\n", path, ename(errno));
    return;
  }
  char text[16] = "";
  int fd = open(path, O_RDONLY);
  if (S_ISREG(st.st_mode)) read(fd, text, sizeof text - 1);
  close(fd);
  printf("  %s: %s links %ld <%s>\n", path, S_ISDIR(st.st_mode) ? "dir" : S_ISLNK(st.st_mode) ? "link" : "file",
         S_ISDIR(st.st_mode) ? 0L : (long)st.st_nlink, text);
}

static long rename2(const char *a, const char *b, unsigned flags) {
  return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
}

int main(void) {
  dt_start(20);
  dt_write_file("a", "A", 0644);
  dt_write_file("b", "B", 0644);
  MUST(mkdir("d", 0755));
  MUST(mkdir("e", 0755));
  MUST(mkdir("d/inner", 0755));
  SHOW(rename("a", "b"));
  what("a");
  what("b");
  SHOW(rename("none", "x"));
  SHOW(rename("b", "d"));
  SHOW(rename("d", "b"));
  SHOW(rename("e", "d"));
  SHOW(rename("d", "d/inner/x"));
  SHOW(rename("d/inner", "d"));
  SHOW(rename("d", "e"));
  what("e/inner");
  SHOW(rename("b", "b"));
  SHOW(rename("b", "none/x"));
  SHOW(rename("b/", "c"));
  SHOW(rename("b", "c/"));
  SHOW(rename("e", "f/"));
  SHOW(rename("f/.", "g"));
  SHOW(rename("f", "."));
  SHOW(rename("/", "x"));
  dt_write_file("a", "A", 0644);
  SHOW(rename2("a", "b", RENAME_NOREPLACE));
  SHOW(rename2("a", "c", RENAME_NOREPLACE));
  SHOW(rename2("c", "b", RENAME_EXCHANGE));
  what("b");
  what("c");
  SHOW(rename2("c", "f", RENAME_EXCHANGE));
  what("c");
  what("f");
  SHOW(rename2("c", "none", RENAME_EXCHANGE));
  SHOW(rename2("f", "b", RENAME_EXCHANGE | RENAME_NOREPLACE));
  SHOW(rename2("f", "b", 0x80));
  SHOW(link("b", "hard"));
  what("b");
  SHOW(link("b", "hard"));
  SHOW(link("none", "x"));
  SHOW(link("c", "dirlink"));
  SHOW(rename("b", "hard"));
  what("b");
  what("hard");
  SHOW(unlink("b"));
  what("hard");
  MUST(symlink("hard", "sym"));
  SHOW(link("sym", "symhard"));
  what("symhard");
  SHOW(linkat(AT_FDCWD, "sym", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
  what("followed");
  SHOW(linkat(AT_FDCWD, "hard", AT_FDCWD, "x", 0x4));
  int fd = MUST(open("hard", O_RDWR));
  SHOW(linkat(fd, "", AT_FDCWD, "byfd", AT_EMPTY_PATH));
  what("byfd");
  unlink("hard");
  unlink("followed");
  unlink("byfd");
  struct stat st;
  fstat(fd, &st);
  printf("unlinked and open: links %ld size %ld\n", (long)st.st_nlink, (long)st.st_size);
  char c = 0;
  SHOW(pread(fd, &c, 1, 0));
  SHOW(write(fd, "xyz", 3));
  SHOW(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
  what("again");
  SHOW(rename("sym", "sym2"));
  what("sym2");
  int dir = MUST(open("c", O_RDONLY));
  dt_write_file("c/in", "I", 0644);
  SHOW(renameat(dir, "in", AT_FDCWD, "out"));
  what("out");
  SHOW(renameat(fd, "in", AT_FDCWD, "out"));
  MUST(rename("c", "c2"));
  OK(openat(dir, "inner", O_RDONLY));
  SHOW(renameat(AT_FDCWD, "out", dir, "back"));
  what("c2/back");
  return 0;
}
