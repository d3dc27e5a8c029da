/* statx, openat2 with its RESOLVE_ flags, close_range. */
#include "difftest.h"
#include <linux/openat2.h>
#include <sys/sysmacros.h>

static long how(int dir, const char *path, unsigned long long flags, unsigned long long mode, unsigned long long resolve) {
  struct open_how h = {.flags = flags, .mode = mode, .resolve = resolve};
  long fd = raw4(SYS_openat2, dir, path, &h, sizeof h);
  if (fd >= 0) close((int)fd);
  return fd >= 0 ? 0 : fd;
}

static void show(const char *path, int flags, unsigned mask) {
  struct statx s;
  memset(&s, 0x55, sizeof s);
  int r = statx(AT_FDCWD, path, flags, mask, &s);
  if (r == -1) { printf("statx %s %#x: %s\n", path, flags, ename(errno)); return; }
  struct stat st;
  MUST(fstatat(AT_FDCWD, path, &st, flags & AT_SYMLINK_NOFOLLOW));
  printf("statx %s %#x: basic %d btime %d mode %o nlink %u size %llu same %d %d %d\n", path, flags,
         (s.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS, (s.stx_mask & STATX_BTIME) != 0, s.stx_mode, s.stx_nlink,
         (unsigned long long)(S_ISDIR(s.stx_mode) ? 0 : s.stx_size), s.stx_ino == st.st_ino,
         s.stx_mtime.tv_nsec == st.st_mtim.tv_nsec && s.stx_mtime.tv_sec == st.st_mtim.tv_sec,
         (dev_t)makedev(s.stx_dev_major, s.stx_dev_minor) == st.st_dev && s.stx_uid == st.st_uid && (long)s.stx_blksize == (long)st.st_blksize);
}

int main(void) {
  dt_start(20);
  dt_write_file("file", "12345", 0640);
  MUST(mkdir("dir", 0755));
  dt_write_file("dir/in", "in", 0600);
  MUST(symlink("file", "link"));
  MUST(symlink("../file", "dir/up"));
  MUST(symlink("/etc/passwd", "dir/abs"));
  MUST(symlink("in", "dir/here"));
  show("file", 0, STATX_BASIC_STATS | STATX_BTIME);
  show("file", AT_STATX_FORCE_SYNC, STATX_BASIC_STATS | STATX_BTIME);
  show("file", AT_STATX_DONT_SYNC, STATX_ALL);
  show("dir", 0, STATX_ALL);
  show("link", AT_SYMLINK_NOFOLLOW, STATX_ALL);
  show("link", 0, STATX_ALL);
  show("missing", 0, STATX_ALL);
  show("file", 0x6000, STATX_ALL);
  show("file", 1, STATX_ALL);
  show("file", 0, 0x80000000u);
  show("file/x", 0, STATX_ALL);
  struct statx s;
  int fd = MUST(open("file", O_RDONLY));
  SHOW(statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &s));
  SHOW(statx(fd, "", 0, STATX_ALL, &s));
  SHOW(statx(-1, "", AT_EMPTY_PATH, STATX_ALL, &s));
  RAW(raw5(SYS_statx, AT_FDCWD, "file", 0, STATX_ALL, 8));
  RAW(raw5(SYS_statx, AT_FDCWD, 8, 0, STATX_ALL, &s));

  int dir = MUST(open("dir", O_RDONLY | O_DIRECTORY));
  RAW(how(AT_FDCWD, "file", O_RDONLY, 0, 0));
  RAW(how(AT_FDCWD, "file", O_RDONLY, 0600, 0));
  RAW(how(AT_FDCWD, "new", O_WRONLY | O_CREAT, 0600, 0));
  RAW(how(AT_FDCWD, "new", O_WRONLY | O_CREAT, 010600, 0));
  RAW(how(AT_FDCWD, "file", 1ULL << 40, 0, 0));
  RAW(how(AT_FDCWD, "file", O_RDONLY, 0, 64));
  RAW(how(AT_FDCWD, "file", O_PATH | O_RDWR, 0, 0));
  RAW(how(dir, "in", O_RDONLY, 0, RESOLVE_BENEATH));
  RAW(how(dir, "../file", O_RDONLY, 0, RESOLVE_BENEATH));
  RAW(how(dir, "up", O_RDONLY, 0, RESOLVE_BENEATH));
  RAW(how(dir, "abs", O_RDONLY, 0, RESOLVE_BENEATH));
  RAW(how(dir, "here", O_RDONLY, 0, RESOLVE_BENEATH));
  RAW(how(dir, "/etc/passwd", O_RDONLY, 0, RESOLVE_BENEATH));
  RAW(how(dir, "../in", O_RDONLY, 0, RESOLVE_IN_ROOT));
  RAW(how(dir, "/in", O_RDONLY, 0, RESOLVE_IN_ROOT));
  RAW(how(dir, "abs", O_RDONLY, 0, RESOLVE_IN_ROOT));
  RAW(how(dir, "/../../in", O_RDONLY, 0, RESOLVE_IN_ROOT));
  RAW(how(dir, "in", O_RDONLY, 0, RESOLVE_IN_ROOT | RESOLVE_BENEATH));
  RAW(how(dir, "here", O_RDONLY, 0, RESOLVE_NO_SYMLINKS));
  RAW(how(dir, "here", O_PATH | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS));
  RAW(how(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS));
  RAW(how(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0, 0));
  RAW(how(AT_FDCWD, "link", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS));
  RAW(how(AT_FDCWD, "/proc/version", O_RDONLY, 0, RESOLVE_NO_XDEV));
  RAW(how(dir, "here", O_RDONLY, 0, RESOLVE_NO_XDEV));
  struct { struct open_how h; unsigned long more; } longer = {{.flags = O_RDONLY}, 0};
  long r = raw4(SYS_openat2, AT_FDCWD, "file", &longer, sizeof longer);
  IS(r >= 0);
  longer.more = 1;
  RAW(raw4(SYS_openat2, AT_FDCWD, "file", &longer, sizeof longer));
  RAW(raw4(SYS_openat2, AT_FDCWD, "file", &longer, 16));
  RAW(raw4(SYS_openat2, AT_FDCWD, "file", 8, 24));

  for (int i = 100; i < 110; i++) MUST(dup2(fd, i));
  SHOW(syscall(SYS_close_range, 102, 104, 0));
  SHOW(syscall(SYS_close_range, 106, 107, 4));
  SHOW(syscall(SYS_close_range, 104, 102, 0));
  SHOW(syscall(SYS_close_range, 100, 102, 8));
  SHOW(syscall(SYS_close_range, 109, ~0U, 2));
  for (int i = 100; i < 110; i++) printf("%d ", fcntl(i, F_GETFD));
  puts("");
  SHOW(syscall(SYS_name_to_handle_at, -1, "", NULL, NULL, 0) == -1);
  SHOW(syncfs(fd));
  SHOW(syncfs(-1));
  SHOW(sync_file_range(fd, 0, 100, SYNC_FILE_RANGE_WRITE));
  SHOW(sync_file_range(fd, -1, 100, 0));
  SHOW(sync_file_range(fd, 0, 100, 8));
  int p[2];
  MUST(pipe(p));
  SHOW(sync_file_range(p[1], 0, 100, 0));
  SHOW(readahead(p[0], 0, 100));
  SHOW(readahead(-1, 0, 100));
  return 0;
}
