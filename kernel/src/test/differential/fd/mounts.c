/* mount, umount2, pivot_root in a mount namespace of its own. */
#include "difftest.h"
#include <sys/mount.h>
#include <sys/vfs.h>

static void show_fs(const char *path) {
  struct statfs s;
  if (statfs(path, &s) == -1) printf("statfs %s: %s\n", path, ename(errno));
  else printf("statfs %s: %s blocks %ld\n", path, s.f_type == 0x01021994 ? "tmpfs" : "other", (long)s.f_blocks);
}

static void pivot(void) {
  MUST(mkdir("new", 0755));
  MUST(mount("none", "new", "tmpfs", 0, "size=1m"));
  MUST(mkdir("new/old", 0755));
  dt_write_file("new/marker", "m", 0644);
  SHOW(syscall(SYS_pivot_root, "new", "none"));
  SHOW(syscall(SYS_pivot_root, "t", "new/old"));
  SHOW(syscall(SYS_pivot_root, "new", "new/old"));
  SHOW(chdir("/"));
  SHOW(access("/marker", F_OK));
  SHOW(access("/old/proc", F_OK));
  SHOW(umount2("/old", 0));
  SHOW(umount2("/old", MNT_DETACH));
  SHOW(access("/old/proc", F_OK));
  SHOW(mkdir("/old/x", 0755));
}

int main(void) {
  dt_start(20);
  if (geteuid() != 0) {
    RAW(raw1(SYS_unshare, CLONE_NEWNS));
    SHOW(mount("none", ".", "tmpfs", 0, NULL));
    SHOW(umount2(".", 0));
    return 0;
  }
  MUST(unshare(CLONE_NEWNS));
  SHOW(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  SHOW(mount(NULL, "/", NULL, MS_SHARED | MS_PRIVATE, NULL));
  MUST(mkdir("t", 0755));
  dt_write_file("file", "f", 0644);
  SHOW(mount(NULL, "t", NULL, MS_PRIVATE, NULL));
  SHOW(mount("none", "t", "nosuchfs", 0, NULL));
  SHOW(mount("none", "t", NULL, 0, NULL));
  SHOW(mount("none", "missing", "tmpfs", 0, NULL));
  SHOW(mount("none", "file", "tmpfs", 0, NULL));
  SHOW(mount("none", "t", "tmpfs", 0, "size=zz"));
  SHOW(mount("none", "t", "tmpfs", 0, "size=1m,mode=0700"));
  show_fs("t");
  struct stat st, dot;
  MUST(stat("t", &st));
  MUST(stat(".", &dot));
  printf("mode %o other device %d\n", st.st_mode, st.st_dev != dot.st_dev);
  dt_write_file("t/in", "inside", 0644);
  SHOW(umount2("t/in", 0));
  SHOW(umount2("missing", 0));
  SHOW(umount2("t", 0x100));
  int fd = MUST(open("t/in", O_RDONLY));
  SHOW(umount2("t", 0));
  close(fd);
  SHOW(chdir("t"));
  SHOW(umount2("../t", 0));
  SHOW(chdir(".."));
  SHOW(mkdir("b", 0755));
  SHOW(mount("t", "b", NULL, MS_BIND, NULL));
  SHOW(access("b/in", R_OK));
  SHOW(mount("t/in", "b", NULL, MS_BIND, NULL));
  SHOW(mount("t/in", "file", NULL, MS_BIND, NULL));
  char text[8] = "";
  fd = MUST(open("file", O_RDONLY));
  SHOW(read(fd, text, 7));
  puts(text);
  close(fd);
  SHOW(unlink("file"));
  SHOW(rename("b", "c"));
  SHOW(rmdir("b"));
  SHOW(umount("file"));
  SHOW(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  SHOW(open("b/in", O_WRONLY));
  SHOW(mkdir("b/x", 0755));
  SHOW(access("b/in", W_OK));
  SHOW(access("t/in", W_OK));
  SHOW(mount(NULL, "file", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  SHOW(mkdir("m", 0755));
  SHOW(mount("b", "m", NULL, MS_MOVE, NULL));
  SHOW(access("b/in", R_OK));
  SHOW(access("m/in", R_OK));
  SHOW(mount("m/in", "t", NULL, MS_MOVE, NULL));
  SHOW(umount2("m", MNT_EXPIRE | MNT_DETACH));
  SHOW(umount2("m", MNT_EXPIRE));
  SHOW(umount2("m", 0));
  SHOW(mkdir("t/sub", 0755));
  SHOW(mount("none", "t/sub", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
  dt_write_file("t/sub/run", "#!/bin/true\n", 0755);
  SHOW(access("t/sub/run", X_OK));
  pid_t pid = fork();
  if (pid == 0) {
    execl("t/sub/run", "run", NULL);
    _exit(errno == EACCES ? 3 : 4);
  }
  dt_reap("noexec", pid);
  SHOW(umount2("t", 0));
  SHOW(mount("t", "b", NULL, MS_BIND, NULL));
  SHOW(access("b/sub/run", F_OK));
  SHOW(umount("b"));
  SHOW(mount("t", "b", NULL, MS_BIND | MS_REC, NULL));
  SHOW(access("b/sub/run", F_OK));
  SHOW(umount2("b", MNT_DETACH));
  SHOW(umount2("t", MNT_DETACH));
  SHOW(access("t/in", F_OK));
  MUST(mount("proc", "t", "proc", 0, NULL));
  SHOW(access("t/self/status", R_OK));
  SHOW(umount("t"));
  dt_in_child("pivot", pivot);
  SHOW(chdir("b"));
  SHOW(chroot("."));
  SHOW(access("/", F_OK));
  SHOW(access("/proc", F_OK));
  return 0;
}
