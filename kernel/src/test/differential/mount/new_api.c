/* The mount calls of Linux 5.2: fsopen, fsconfig, fsmount, fspick, open_tree, move_mount, mount_setattr. As root. */
#include "difftest.h"
#include <sys/mount.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#define AT_REC 0x8000
#define AT_EMPTY 0x1000

static char base[PATH_MAX];
static long opentree(int dir, const char *path, unsigned flags) { return syscall(SYS_open_tree, dir, path, flags); }
static long movemount(int from, const char *a, int to, const char *b, unsigned flags) {
  return syscall(SYS_move_mount, from, a, to, b, flags);
}
static long fsopen_(const char *type, unsigned flags) { return syscall(SYS_fsopen, type, flags); }
static long config(int fd, unsigned cmd, const char *key, const void *value, int aux) {
  return syscall(SYS_fsconfig, fd, cmd, key, value, aux);
}
static long fsmount_(int fd, unsigned flags, unsigned attr) { return syscall(SYS_fsmount, fd, flags, attr); }
static long pick(int dir, const char *path, unsigned flags) { return syscall(SYS_fspick, dir, path, flags); }
struct attr { uint64_t set, clear, propagation, userns; };
static long setattr(int dir, const char *path, unsigned flags, void *attr, size_t size) {
  return syscall(SYS_mount_setattr, dir, path, flags, attr, size);
}

/* A result that is a descriptor shows as "fd". */
static int show_fd(const char *label, long result) {
  if (result < 0) printf("%s = -1 %s\n", label, ename(errno));
  else printf("%s = fd\n", label);
  return result;
}
#define FD(call) show_fd(#call, call)

static void options(const char *at) {
  FILE *f = fopen("/proc/self/mountinfo", "r");
  char line[4096], place[4096], want[PATH_MAX + 64], opts[4096];
  snprintf(want, sizeof want, "%s/%s", base, at);
  int seen = 0;
  while (f && fgets(line, sizeof line, f))
    if (sscanf(line, "%*s %*s %*s %*s %4095s %4095s", place, opts) == 2 && strcmp(place, want) == 0) {
      const char *kind = strstr(line, "shared:") ? " shared" : strstr(line, "unbindable") ? " unbindable" : "";
      char *type = strstr(line, " - ");
      char t[64] = "", source[256] = "";
      if (type) sscanf(type + 3, "%63s %255s", t, source);
      printf("%s: %s%s %s %s\n", at, opts, kind, t, source);
      seen++;
    }
  if (f) fclose(f);
  if (!seen) printf("%s: no mount\n", at);
}

static int made(void) {
  int fs = MUST(fsopen_("tmpfs", 1));
  MUST(config(fs, 1, "source", "mine", 0));
  MUST(config(fs, 1, "size", "64k", 0));
  MUST(config(fs, 6, NULL, NULL, 0));
  int m = MUST(fsmount_(fs, 1, 0));
  close(fs);
  return m;
}

static void contexts(void) {
  puts("-- contexts");
  SHOW(fsopen_("nosuchfs", 0));
  SHOW(fsopen_("tmpfs", 2));
  SHOW(fsopen_((char *)8, 0));
  int fs = FD(fsopen_("tmpfs", 1));
  SHOW(fcntl(fs, F_GETFD));
  char text[512];
  SHOW(read(fs, text, sizeof text));
  SHOW(fsmount_(fs, 0, 0));
  SHOW(config(fs, 0, NULL, NULL, 0));
  SHOW(config(fs, 0, "ro", "x", 0));
  SHOW(config(fs, 1, "source", NULL, 0));
  SHOW(config(fs, 1, "source", "mine", 1));
  SHOW(config(fs, 2, "source", "mine", 0));
  SHOW(config(fs, 5, "source", NULL, -1));
  SHOW(config(fs, 6, "x", NULL, 0));
  SHOW(config(fs, 99, NULL, NULL, 0));
  SHOW(config(-1, 0, "ro", NULL, 0));
  SHOW(config(9999, 0, "ro", NULL, 0));
  SHOW(config(0, 0, "ro", NULL, 0));
  SHOW(config(fs, 1, (char *)8, "x", 0));
  SHOW(config(fs, 1, "source", (char *)8, 0));
  char longkey[400];
  memset(longkey, 'k', 399);
  longkey[399] = 0;
  SHOW(config(fs, 0, longkey, NULL, 0));
  SHOW(config(fs, 1, "source", longkey, 0));
  SHOW(config(fs, 1, "source", "mine", 0));
  SHOW(config(fs, 1, "source", "again", 0));
  SHOW(config(fs, 0, "nosuchthing", NULL, 0));
  SHOW(config(fs, 1, "size", "much", 0));
  SHOW(config(fs, 1, "size", "64k", 0));
  SHOW(config(fs, 1, "mode", "0711", 0));
  SHOW(config(fs, 7, NULL, NULL, 0));
  SHOW(config(fs, 6, NULL, NULL, 0));
  SHOW(config(fs, 6, NULL, NULL, 0));
  SHOW(config(fs, 1, "size", "64k", 0));
  SHOW(fsmount_(fs, 2, 0));
  SHOW(fsmount_(fs, 0, 0x30));
  SHOW(fsmount_(fs, 0, 0x100000));
  SHOW(fsmount_(0, 0, 0));
  SHOW(fsmount_(9999, 0, 0));
  int m = FD(fsmount_(fs, 1, 2 | 4 | 8));
  SHOW(fsmount_(fs, 0, 0));
  SHOW(fcntl(m, F_GETFD));
  struct stat s;
  SHOW(fstat(m, &s));
  printf("mode %o\n", s.st_mode & 07777);
  int f = FD(openat(m, "file", O_CREAT | O_RDWR, 0600));
  SHOW(write(f, "text", 4));
  close(f);
  MUST(mkdir("a", 0755));
  options("a");
  SHOW(movemount(m, "", AT_FDCWD, "a", 0));
  SHOW(movemount(m, "", AT_FDCWD, "a", 0x1000));
  SHOW(movemount(m, "", AT_FDCWD, "none", 4));
  SHOW(movemount(m, "", AT_FDCWD, "a", 4));
  options("a");
  SHOW(access("a/file", F_OK));
  SHOW(movemount(m, "", AT_FDCWD, "a/file", 4));
  SHOW(config(fs, 0, "ro", NULL, 0));
  SHOW(config(fs, 6, NULL, NULL, 0));
  close(fs);
  close(m);
  SHOW(umount("a"));
  SHOW(access("a/file", F_OK));
  m = made();
  MUST(mkdirat(m, "d", 0755));
  close(m);
  SHOW(rmdir("a"));
}

static void trees(void) {
  puts("-- trees");
  MUST(mkdir("s", 0755));
  MUST(mkdir("t", 0755));
  int m = made();
  SHOW(movemount(m, "", AT_FDCWD, "s", 4));
  close(m);
  MUST(mkdir("s/sub", 0755));
  m = made();
  SHOW(movemount(m, "", AT_FDCWD, "s/sub", 4));
  close(m);
  dt_write_file("s/sub/deep", "x", 0644);
  SHOW(opentree(AT_FDCWD, "s", 2));
  SHOW(opentree(AT_FDCWD, "s", AT_REC));
  SHOW(opentree(AT_FDCWD, "none", 1));
  SHOW(opentree(9999, "s", 1));
  SHOW(opentree(AT_FDCWD, (char *)8, 1));
  int plain = FD(opentree(AT_FDCWD, "s", O_CLOEXEC));
  SHOW(fcntl(plain, F_GETFD));
  SHOW(fcntl(plain, F_GETFL) == (O_PATH | O_LARGEFILE) || fcntl(plain, F_GETFL) == O_PATH);
  close(plain);
  int one = FD(opentree(AT_FDCWD, "s", 1));
  SHOW(faccessat(one, "sub/deep", F_OK, 0));
  SHOW(movemount(one, "", AT_FDCWD, "t", 4));
  close(one);
  SHOW(access("t/sub", F_OK));
  SHOW(access("t/sub/deep", F_OK));
  SHOW(umount("t"));
  int all = FD(opentree(AT_FDCWD, "s", 1 | AT_REC));
  SHOW(faccessat(all, "sub/deep", F_OK, 0));
  SHOW(movemount(all, "", AT_FDCWD, "t", 4));
  SHOW(access("t/sub/deep", F_OK));
  options("t");
  options("t/sub");
  SHOW(umount("t"));
  close(all);
  SHOW(umount("t"));
  SHOW(umount2("t", MNT_DETACH));
  SHOW(access("t/sub", F_OK));
  int sub = FD(opentree(AT_FDCWD, "s/sub", 1));
  dt_write_file("plain", "y", 0644);
  SHOW(movemount(sub, "", AT_FDCWD, "plain", 4));
  int file = FD(opentree(AT_FDCWD, "s/sub/deep", 1));
  SHOW(movemount(file, "", AT_FDCWD, "t", 4));
  SHOW(movemount(file, "", AT_FDCWD, "plain", 4));
  char c = 0;
  int f = MUST(open("plain", O_RDONLY));
  SHOW(read(f, &c, 1));
  printf("%c\n", c);
  close(f);
  close(file);
  close(sub);
  SHOW(umount("plain"));
  /* an attached mount moves as with MS_MOVE */
  SHOW(movemount(AT_FDCWD, "s/sub", AT_FDCWD, "t", 0));
  options("s/sub");
  options("t");
  SHOW(movemount(AT_FDCWD, "s/none", AT_FDCWD, "t", 0));
  SHOW(movemount(AT_FDCWD, "plain", AT_FDCWD, "t", 0));
  SHOW(umount("t"));
  SHOW(umount("s"));
  unlink("plain");
}

static void attributes(void) {
  puts("-- attributes");
  int m = made();
  struct attr a = {.set = 1 | 8};
  SHOW(setattr(m, "", AT_EMPTY, &a, sizeof a));
  SHOW(movemount(m, "", AT_FDCWD, "s", 4));
  close(m);
  options("s");
  SHOW(mkdir("s/x", 0755));
  SHOW(setattr(AT_FDCWD, "s", 0, &a, 16));
  SHOW(setattr(AT_FDCWD, "s", 0, &a, 5000));
  SHOW(setattr(AT_FDCWD, "s", 2, &a, sizeof a));
  SHOW(setattr(AT_FDCWD, "s", 0, (void *)8, sizeof a));
  a = (struct attr){0};
  SHOW(setattr(AT_FDCWD, "none", 0, &a, sizeof a));
  a = (struct attr){.clear = 1};
  SHOW(setattr(AT_FDCWD, "none", 0, &a, sizeof a));
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  options("s");
  SHOW(mkdir("s/x", 0755));
  SHOW(setattr(AT_FDCWD, "s/x", 0, &a, sizeof a));
  a = (struct attr){.set = 1ull << 40};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  a = (struct attr){.set = 0x10};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  a = (struct attr){.set = 0x10, .clear = 0x20};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  a = (struct attr){.set = 0x10, .clear = 0x70};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  options("s");
  a = (struct attr){.set = 0x30, .clear = 0x70};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  a = (struct attr){.set = 0, .clear = 0x70 | 8};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  options("s");
  a = (struct attr){.propagation = MS_SHARED | MS_SLAVE};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  a = (struct attr){.propagation = 1};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  m = made();
  SHOW(movemount(m, "", AT_FDCWD, "s/x", 4));
  close(m);
  a = (struct attr){.set = 2, .propagation = MS_SHARED};
  SHOW(setattr(AT_FDCWD, "s", AT_REC, &a, sizeof a));
  options("s");
  options("s/x");
  a = (struct attr){.propagation = MS_UNBINDABLE};
  SHOW(setattr(AT_FDCWD, "s", 0, &a, sizeof a));
  options("s");
  SHOW(opentree(AT_FDCWD, "s", 1));
  struct { struct attr a; uint64_t more; } big = {.a.clear = 2};
  SHOW(setattr(AT_FDCWD, "s", 0, &big, sizeof big));
  big.more = 1;
  SHOW(setattr(AT_FDCWD, "s", 0, &big, sizeof big));
  options("s");
}

static void picks(void) {
  puts("-- picks");
  SHOW(pick(AT_FDCWD, "s", 16));
  SHOW(pick(AT_FDCWD, "none", 0));
  SHOW(pick(AT_FDCWD, "t", 0));
  int fs = FD(pick(AT_FDCWD, "s/x", 1));
  SHOW(fcntl(fs, F_GETFD));
  SHOW(config(fs, 6, NULL, NULL, 0));
  SHOW(config(fs, 0, "ro", NULL, 0));
  SHOW(config(fs, 7, NULL, NULL, 0));
  SHOW(mkdir("s/x/y", 0755));
  SHOW(config(fs, 0, "rw", NULL, 0));
  SHOW(config(fs, 7, NULL, NULL, 0));
  SHOW(mkdir("s/x/y", 0755));
  SHOW(fsmount_(fs, 0, 0));
  close(fs);
  SHOW(umount("s/x"));
  SHOW(umount("s"));
}

static void without_rights(void) {
  puts("-- without rights");
  pid_t pid = MUST(fork());
  if (pid == 0) {
    MUST(setresuid(65534, 65534, 65534));
    struct attr a = {.set = 1};
    SHOW(fsopen_("tmpfs", 0));
    SHOW(pick(AT_FDCWD, "s", 0));
    SHOW(fsmount_(0, 0, 0));
    SHOW(opentree(AT_FDCWD, "/", 1));
    FD(opentree(AT_FDCWD, "/", 0));
    SHOW(movemount(AT_FDCWD, "s", AT_FDCWD, "t", 0));
    SHOW(setattr(AT_FDCWD, "/", 0, &a, sizeof a));
    fflush(stdout);
    _exit(0);
  }
  waitpid(pid, NULL, 0);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  MUST(unshare(CLONE_NEWNS));
  MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  char dir[] = "/tmp/newapi-XXXXXX";
  if (!mkdtemp(dir)) return 1;
  MUST(mount("none", dir, "tmpfs", 0, NULL));
  MUST(chmod(dir, 0755));
  MUST(chdir(dir));
  if (!getcwd(base, sizeof base)) return 1;
  contexts();
  trees();
  attributes();
  picks();
  without_rights();
  MUST(chdir("/"));
  umount2(dir, MNT_DETACH);
  rmdir(dir);
  return 0;
}
