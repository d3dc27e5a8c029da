/* open and openat: flags, errors, O_PATH, O_TMPFILE, O_DIRECTORY, O_NOFOLLOW, creation modes, openat2. */
#include "difftest.h"
#include <linux/openat2.h>

static void mode_of(const char *path) {
  struct stat st;
  if (lstat(path, &st)) printf("%s: %s\n", path, ename(errno));
  else printf("%s: mode %o size %ld links %ld\n", path, st.st_mode, (long)st.st_size, (long)st.st_nlink);
}

int main(void) {
  dt_start(20);
  OK(open("none", O_RDONLY));
  OK(open("a", O_CREAT | O_WRONLY, 0666));
  mode_of("a");
  OK(open("a", O_CREAT | O_EXCL | O_WRONLY, 0666));
  OK(open("b", O_CREAT | O_RDWR, 07777));
  mode_of("b");
  OK(open("c", O_CREAT | O_RDONLY, 0));
  mode_of("c");
  umask(077);
  OK(creat("d", 0666));
  mode_of("d");
  umask(022);
  dt_write_file("e", "12345", 0644);
  OK(open("e", O_RDONLY | O_TRUNC));
  mode_of("e");
  MUST(mkdir("dir", 0755));
  OK(open("dir", O_RDONLY));
  OK(open("dir", O_WRONLY));
  OK(open("dir", O_RDWR));
  OK(open("dir", O_CREAT | O_RDONLY, 0644));
  OK(open("dir", O_DIRECTORY | O_RDONLY));
  OK(open("a", O_DIRECTORY | O_RDONLY));
  OK(open("a/x", O_RDONLY));
  OK(open("a/", O_RDONLY));
  OK(open("new/", O_CREAT | O_RDWR, 0644));
  OK(open("none/x", O_CREAT | O_RDWR, 0644));
  OK(open("", O_RDONLY));
  MUST(symlink("a", "link"));
  MUST(symlink("target-missing", "dangling"));
  MUST(symlink("loop2", "loop1"));
  MUST(symlink("loop1", "loop2"));
  OK(open("link", O_NOFOLLOW | O_RDONLY));
  OK(open("link", O_PATH | O_NOFOLLOW));
  OK(open("link/", O_RDONLY));
  OK(open("dangling", O_RDONLY));
  OK(open("dangling", O_CREAT | O_EXCL | O_RDWR, 0644));
  OK(open("dangling", O_CREAT | O_RDWR, 0644));
  mode_of("target-missing");
  OK(open("loop1", O_RDONLY));
  OK(open("loop1", O_CREAT | O_RDWR, 0644));
  int path = MUST(open("e", O_PATH));
  char c;
  SHOW(read(path, &c, 1));
  SHOW(write(path, "x", 1));
  SHOW(fchmod(path, 0600));
  SHOW(lseek(path, 0, SEEK_SET));
  SHOW(ftruncate(path, 0));
  struct stat st;
  SHOW(fstat(path, &st));
  IS(fcntl(path, F_GETFL) == O_PATH);
  OK(dup(path));
  OK(open(".", O_TMPFILE | O_RDONLY, 0600));
  int tmp = OK(open(".", O_TMPFILE | O_RDWR, 0600)) >= 0 ? 0 : -1;
  (void)tmp;
  int fd = open(".", O_TMPFILE | O_RDWR, 0640);
  if (fd >= 0) {
    SHOW(write(fd, "temp", 4));
    fstat(fd, &st);
    printf("tmpfile mode %o links %ld\n", st.st_mode, (long)st.st_nlink);
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    SHOW(linkat(AT_FDCWD, name, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    mode_of("named");
  }
  int dir = MUST(open("dir", O_RDONLY));
  OK(openat(dir, "in", O_CREAT | O_RDWR, 0644));
  mode_of("dir/in");
  OK(openat(dir, "../a", O_RDONLY));
  OK(openat(-1, "a", O_RDONLY));
  OK(openat(path, "a", O_RDONLY));
  OK(openat(999, "/dev/null", O_RDONLY));
  struct open_how how = {.flags = O_RDONLY};
  OK(syscall(SYS_openat2, AT_FDCWD, "a", &how, sizeof how));
  OK(syscall(SYS_openat2, AT_FDCWD, "a", &how, 8));
  how.resolve = RESOLVE_BENEATH;
  OK(syscall(SYS_openat2, dir, "../a", &how, sizeof how));
  OK(syscall(SYS_openat2, dir, "/dev/null", &how, sizeof how));
  OK(syscall(SYS_openat2, dir, "in", &how, sizeof how));
  how.resolve = RESOLVE_NO_SYMLINKS;
  OK(syscall(SYS_openat2, AT_FDCWD, "link", &how, sizeof how));
  how.resolve = RESOLVE_IN_ROOT;
  OK(syscall(SYS_openat2, dir, "/in", &how, sizeof how));
  OK(syscall(SYS_openat2, dir, "../../in", &how, sizeof how));
  how.resolve = 1ull << 40;
  OK(syscall(SYS_openat2, dir, "in", &how, sizeof how));
  how = (struct open_how){.flags = 1ull << 40};
  OK(syscall(SYS_openat2, dir, "in", &how, sizeof how));
  how = (struct open_how){.flags = O_RDONLY, .mode = 0600};
  OK(syscall(SYS_openat2, dir, "in", &how, sizeof how));
  fd = MUST(open("a", O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC));
  IS((fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK)) == (O_RDWR | O_APPEND | O_NONBLOCK));
  IS(fcntl(fd, F_GETFD) == FD_CLOEXEC);
  return 0;
}
