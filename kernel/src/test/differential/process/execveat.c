/* execveat: by directory fd, by AT_EMPTY_PATH, by memfd, close-on-exec scripts, no-follow. */
#include "difftest.h"

static char *argv0[] = {"sh", "-c", "exit 51", NULL};
static char *env0[] = {NULL};

static void run(const char *label, int dir, const char *path, char **argv, int flags) {
  pid_t pid = fork();
  if (pid == 0) {
    syscall(SYS_execveat, dir, path, argv, env0, flags);
    printf("%s: %s\n", label, ename(errno));
    _exit(70);
  }
  dt_reap(label, pid);
}

int main(void) {
  dt_start(20);
  int bin = MUST(open("/bin", O_RDONLY | O_DIRECTORY));
  int sh = MUST(open("/bin/sh", O_RDONLY | O_CLOEXEC));
  int path = MUST(open("/bin/sh", O_PATH));
  run("dir fd", bin, "sh", argv0, 0);
  run("absolute", 999, "/bin/sh", argv0, 0);
  run("bad fd", 999, "sh", argv0, 0);
  run("not a directory", sh, "sh", argv0, 0);
  run("empty path", sh, "", argv0, AT_EMPTY_PATH);
  run("empty path O_PATH", path, "", argv0, AT_EMPTY_PATH);
  run("empty without flag", sh, "", argv0, 0);
  run("cwd", AT_FDCWD, "nothing-here", argv0, 0);
  run("unknown flag", bin, "sh", argv0, 0x8000);
  MUST(symlink("/bin/sh", "link"));
  run("link", AT_FDCWD, "link", argv0, 0);
  run("link nofollow", AT_FDCWD, "link", argv0, AT_SYMLINK_NOFOLLOW);
  run("directory itself", bin, "", argv0, AT_EMPTY_PATH);
  dt_write_file("script", "#!/bin/sh\nexit 52\n", 0755);
  int keep = MUST(open("script", O_RDONLY)), drop = MUST(open("script", O_RDONLY | O_CLOEXEC));
  char *script_args[] = {"script", NULL};
  run("script by fd", keep, "", script_args, AT_EMPTY_PATH);
  run("script by close-on-exec fd", drop, "", script_args, AT_EMPTY_PATH);

  int mem = MUST(memfd_create("copy", 0));
  char buf[65536];
  ssize_t n;
  int in = MUST(open("/bin/true", O_RDONLY));
  while ((n = read(in, buf, sizeof buf)) > 0) MUST(write(mem, buf, n));
  run("memfd open for writing", mem, "", argv0, AT_EMPTY_PATH);
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", mem);
  int ro = MUST(open(self, O_RDONLY | O_CLOEXEC));
  close(mem);
  run("memfd", ro, "", argv0, AT_EMPTY_PATH);
  pid_t pid = fork();
  if (pid == 0) {
    fexecve(sh, argv0, env0);
    _exit(70);
  }
  dt_reap("fexecve", pid);
  int writer = MUST(open("busy", O_CREAT | O_RDWR, 0755));
  in = MUST(open("/bin/true", O_RDONLY));
  while ((n = read(in, buf, sizeof buf)) > 0) MUST(write(writer, buf, n));
  run("text file busy", AT_FDCWD, "busy", argv0, 0);
  close(writer);
  run("no longer busy", AT_FDCWD, "busy", argv0, 0);
  return 0;
}
