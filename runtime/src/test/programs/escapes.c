/*
 * Tries to reach the host from a container with all capabilities. One line for each attempt: "NAME: " and the error, or
 * "REACHED". Arguments: the path of a file of the host that is not in the container.
 * /bind is a directory of the host with a listening socket "sock"; /planted-mem is a device node of the image.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *name, int failed) {
  if (failed) printf("%s: %s\n", name, strerror(errno));
  else printf("%s: REACHED\n", name);
  fflush(stdout);
}

static void try_open(const char *name, const char *path, int flags) {
  int fd = open(path, flags | O_NONBLOCK);
  say(name, fd < 0);
  if (fd >= 0) close(fd);
}

/* A node that can be made is no harm; one that can be opened is. */
static void device(const char *name, const char *directory, mode_t type, unsigned major, unsigned minor) {
  char path[128], what[256];
  snprintf(path, sizeof path, "%s/node-%s", directory, name);
  snprintf(what, sizeof what, "device %s", path);
  if (mknod(path, type | 0666, makedev(major, minor)) < 0) say(what, 1);
  else try_open(what, path, O_RDWR);
}

static void devices(const char *directory) {
  device("sda", directory, S_IFBLK, 8, 0);
  device("vda", directory, S_IFBLK, 254, 0);
  device("mem", directory, S_IFCHR, 1, 1);
  device("kmem", directory, S_IFCHR, 1, 2);
  device("port", directory, S_IFCHR, 1, 4);
  device("kvm", directory, S_IFCHR, 10, 232);
  device("loop-control", directory, S_IFCHR, 10, 237);
}

static void paths(const char *secret) {
  static const char *before[] = {"",
                                 "/proc/1/root",
                                 "/proc/self/root",
                                 "/proc/1/cwd/../../..",
                                 "/proc/self/task/1/root/../../..",
                                 "/bind/../../../../../..",
                                 "/proc/self/fd/../../../../..",
                                 "//proc/1/root/proc/1/root"};
  char path[4096];
  for (unsigned i = 0; i < sizeof before / sizeof *before; i++) {
    snprintf(path, sizeof path, "%s%s", before[i], secret);
    try_open(*before[i] ? before[i] : "as it is", path, O_RDONLY);
  }
  symlink(secret, "/bind/absolute");
  try_open("absolute link in a bind mount", "/bind/absolute", O_RDONLY);
  snprintf(path, sizeof path, "../../../../../../../../..%s", secret);
  symlink(path, "/bind/relative");
  try_open("relative link in a bind mount", "/bind/relative", O_RDONLY);
  mkdir("/bind/a", 0700);
  mkdir("/bind/a/b", 0700);
  int inside = open("/bind/a/b", O_RDONLY | O_DIRECTORY);
  rename("/bind/a/b", "/bind/b");
  say("out of a directory that was moved", openat(inside, path, O_RDONLY) < 0);
  rmdir("/bind/b");
  say("out of a directory that was removed", openat(inside, path, O_RDONLY) < 0);
  mkdir("/tmp/jail", 0700);
  int root = open("/", O_RDONLY | O_DIRECTORY);
  if (chroot("/tmp/jail") == 0 && fchdir(root) == 0) {
    for (int i = 0; i < 64; i++)
      if (chdir("..") < 0) break;
    say("out of a chroot", open(path, O_RDONLY) < 0);
    if (chroot(".") < 0) say("back", 1);
  }
  chdir("/");
}

static void writes(void) {
  static const char *files[] = {"/proc/sysrq-trigger", "/proc/sys/kernel/modprobe", "/sys/kernel/uevent_helper",
                                "/proc/kcore"};
  for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
    int fd = open(files[i], O_WRONLY);
    say(files[i], fd < 0 || write(fd, "|/bind/x", 8) < 0);
    if (fd >= 0) close(fd);
  }
  /* The sandbox has one of its own; the test looks at the host's. */
  int own = open("/proc/sys/kernel/core_pattern", O_WRONLY);
  printf("core_pattern: %s\n", own >= 0 && write(own, "|/bind/x", 8) == 8 ? "the sandbox's" : strerror(errno));
  if (own >= 0) close(own);
}

static void calls(void) {
  struct { struct file_handle head; unsigned char id[8]; } handle = {{8, 1}, {2}};
  union bpf_attr program = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER};
  struct perf_event_attr event = {.type = PERF_TYPE_HARDWARE, .size = sizeof event};
  say("init_module", syscall(SYS_init_module, "x", 1, "") < 0);
  say("finit_module", syscall(SYS_finit_module, 0, "", 0) < 0);
  say("kexec_load", syscall(SYS_kexec_load, 0, 0, 0, 0) < 0);
  say("iopl", iopl(3) < 0);
  say("ioperm", ioperm(0x60, 1, 1) < 0);
  say("bpf", syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof program) < 0);
  say("perf_event_open", syscall(SYS_perf_event_open, &event, -1, 0, -1, 0) < 0);
  say("open_by_handle_at", open_by_handle_at(AT_FDCWD, &handle.head, O_RDONLY) < 0);
  say("swapon", swapon("/tmp/node-sda", 0) < 0);
  say("mount of a disk", mount("/tmp/node-sda", "/mnt", "ext4", 0, 0) < 0);
  say("mount of a debug file system", mount("debugfs", "/mnt", "debugfs", 0, 0) < 0);
  say("mount of a security file system", mount("securityfs", "/mnt", "securityfs", 0, 0) < 0);
  say("mount of version 1 control groups", mount("cgroup", "/mnt", "cgroup", 0, "memory") < 0);
}

static void sockets(void) {
  struct sockaddr_un a = {AF_UNIX, "/bind/sock"};
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  say("socket of the host in a bind mount", connect(s, (struct sockaddr *)&a, sizeof a) < 0);
  struct sockaddr_un abstract = {AF_UNIX, "\0/tmp/.X11-unix/X0"};
  say("abstract socket", connect(s, (struct sockaddr *)&abstract, sizeof abstract) < 0);
  say("AF_VSOCK", socket(AF_VSOCK, SOCK_STREAM, 0) < 0);
  say("AF_ALG", socket(AF_ALG, SOCK_SEQPACKET, 0) < 0);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  mkdir("/mnt", 0755);
  devices("/tmp");
  devices("/");
  devices("/bind");
  try_open("device node of the image", "/planted-mem", O_RDWR);
  paths(argv[1]);
  writes();
  calls();
  sockets();
  puts("end");
  return 0;
}
