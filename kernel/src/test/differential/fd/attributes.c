/* chmod, chown, utimensat, statx, access by ids, set-id bits dropped, sticky directories, xattrs. */
#include "difftest.h"
#include <sys/xattr.h>

static void mode_of(const char *path) {
  struct stat st;
  if (lstat(path, &st)) printf("%s: %s\n", path, ename(errno));
  else printf("%s: %o %d:%d\n", path, st.st_mode, (int)st.st_uid, (int)st.st_gid);
}

static void times_of(const char *path) {
  struct stat st;
  stat(path, &st);
  printf("atime %ld.%09ld mtime %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec,
         st.st_mtim.tv_nsec);
}

static void as_other(void) {
  if (setgid(2000) || setuid(2000)) _exit(97);
  SHOW(access("private", R_OK));
  SHOW(access("dir", W_OK));
  OK(open("private", O_RDONLY));
  SHOW(chmod("file", 0666));
  SHOW(chown("file", 2000, 2000));
  SHOW(utimensat(AT_FDCWD, "file", NULL, 0));
  OK(open("sticky/mine", O_CREAT | O_RDWR, 0644));
  SHOW(unlink("sticky/root"));
  SHOW(rename("sticky/root", "sticky/x"));
  SHOW(unlink("sticky/mine"));
  OK(open("closed/x", O_RDONLY));
  SHOW(unlink("file"));
  OK(open("file", O_RDWR));
}

int main(void) {
  dt_start(20);
  dt_write_file("file", "x", 0644);
  SHOW(chmod("file", 07755));
  mode_of("file");
  SHOW(chown("file", 1000, 1000));
  mode_of("file");
  SHOW(chmod("file", 06755));
  int fd = MUST(open("file", O_RDWR));
  MUST(write(fd, "y", 1));
  mode_of("file");
  SHOW(fchown(fd, -1, 5));
  SHOW(fchmod(fd, 0170644));
  mode_of("file");
  MUST(symlink("file", "link"));
  SHOW(lchown("link", 7, 8));
  mode_of("link");
  mode_of("file");
  SHOW(chmod("none", 0644));
  SHOW(chown("none", 0, 0));
  SHOW(fchmodat(AT_FDCWD, "file", 0600, 0));
  struct timespec t[2] = {{1000000000, 123456789}, {1111111111, 987654321}};
  SHOW(utimensat(AT_FDCWD, "file", t, 0));
  times_of("file");
  t[0].tv_nsec = UTIME_OMIT;
  t[1].tv_sec = 5;
  SHOW(utimensat(AT_FDCWD, "file", t, 0));
  times_of("file");
  t[0].tv_nsec = 1000000000;
  SHOW(utimensat(AT_FDCWD, "file", t, 0));
  t[0] = (struct timespec){0, UTIME_NOW};
  t[1].tv_nsec = UTIME_OMIT;
  SHOW(futimens(fd, t));
  struct stat st;
  fstat(fd, &st);
  IS(st.st_atime > 1600000000 && st.st_mtime == 5);
  SHOW(utimensat(AT_FDCWD, "none", NULL, 0));
  struct statx sx;
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0, STATX_BASIC_STATS, &sx));
  IS((sx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS && sx.stx_size == 1 && sx.stx_mode == 0100600);
  SHOW(syscall(SYS_statx, AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_MODE, &sx));
  IS(S_ISLNK(sx.stx_mode));
  SHOW(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_ALL, &sx));
  SHOW(syscall(SYS_statx, AT_FDCWD, "none", 0, STATX_ALL, &sx));
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0x80000000, STATX_ALL, &sx));
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0, 0x80000000, &sx));
  MUST(mkdir("dir", 0755));
  MUST(mkdir("sticky", 0700));
  MUST(chmod("sticky", 01777));
  mode_of("sticky");
  MUST(mkdir("closed", 0700));
  dt_write_file("closed/x", "x", 0644);
  dt_write_file("sticky/root", "x", 0644);
  dt_write_file("private", "x", 0600);
  MUST(chmod(".", 0755));
  MUST(mkdir("setgid", 0755));
  MUST(chown("setgid", 0, 33));
  MUST(chmod("setgid", 02755));
  MUST(mkdir("setgid/sub", 0755));
  mode_of("setgid/sub");
  dt_write_file("setgid/file", "x", 0644);
  mode_of("setgid/file");
  SHOW(access("private", X_OK));
  SHOW(access("private", 8));
  dt_in_child("as other", as_other);
  char value[16];
  SHOW(setxattr("file", "user.test", "value", 5, 0));
  SHOW(getxattr("file", "user.test", value, sizeof value));
  SHOW(getxattr("file", "user.test", value, 2));
  SHOW(getxattr("file", "user.test", NULL, 0));
  SHOW(setxattr("file", "user.test", "v", 1, XATTR_CREATE));
  SHOW(setxattr("file", "user.none", "v", 1, XATTR_REPLACE));
  SHOW(listxattr("file", value, sizeof value));
  SHOW(getxattr("file", "user.none", value, sizeof value));
  SHOW(removexattr("file", "user.test"));
  SHOW(removexattr("file", "user.test"));
  SHOW(setxattr("file", "nonsense", "v", 1, 0));
  return 0;
}
