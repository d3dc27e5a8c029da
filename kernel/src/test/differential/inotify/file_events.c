/* What each operation on files says, to a watch of the directory and to one of the file. */
#include "watching.h"
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <dirent.h>

static void reading(int fd) {
  char b[8];
  read(fd, b, 4);
  show_events("read");
  read(fd, b, 0);
  lseek(fd, 0, SEEK_END);
  read(fd, b, 4);
  show_events("read nothing");
  pread(fd, b, 2, 0);
  show_events("pread");
  struct iovec v = {b, 4};
  readv(fd, &v, 1);
  show_events("readv nothing");
  preadv(fd, &v, 1, 0);
  show_events("preadv");
}

static void writing(int fd) {
  write(fd, "abc", 3);
  show_events("write");
  write(fd, "abc", 0);
  show_events("write nothing");
  pwrite(fd, "abc", 3, 0);
  struct iovec v = {"xy", 2};
  writev(fd, &v, 1);
  show_events("pwrite, writev: merged");
  ftruncate(fd, 100);
  show_events("ftruncate");
  ftruncate(fd, 100);
  show_events("ftruncate to the same");
  posix_fallocate(fd, 0, 200);
  show_events("fallocate");
  fchmod(fd, 0600);
  show_events("fchmod");
  fchown(fd, -1, -1);
  show_events("fchown nothing");
  fchown(fd, 0, 0);
  show_events("fchown");
  struct timespec both[2] = {{1, 0}, {2, 0}}, atime[2] = {{3, 0}, {0, UTIME_OMIT}}, mtime[2] = {{0, UTIME_OMIT}, {3, 0}};
  futimens(fd, both);
  show_events("both times");
  futimens(fd, atime);
  show_events("access time");
  futimens(fd, mtime);
  show_events("modification time");
  futimens(fd, NULL);
  show_events("times now");
}

int main(void) {
  begin();
  SHOW(inotify_add_watch(in, ".", IN_ALL_EVENTS));
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0644));
  show_events("created");
  SHOW(inotify_add_watch(in, "f", IN_ALL_EVENTS));
  writing(fd);
  lseek(fd, 0, SEEK_SET);
  reading(fd);
  close(fd);
  show_events("close");
  fd = MUST(open("f", O_RDONLY));
  close(fd);
  show_events("read only");
  fd = MUST(open("f", O_WRONLY | O_TRUNC));
  show_events("open with O_TRUNC");
  int dup2nd = dup(fd);
  close(fd);
  show_events("close one of two");
  close(dup2nd);
  show_events("close the other");
  put("f", "", O_TRUNC);
  show_events("O_TRUNC of an empty file");
  put("f", "x", O_CREAT);
  show_events("O_CREAT of one that is there");
  truncate("f", 10);
  chmod("f", 0644);
  show_events("truncate, chmod");
  fd = MUST(open("f", O_PATH));
  close(fd);
  show_events("O_PATH");
  access("f", R_OK);
  struct stat st;
  stat("f", &st);
  show_events("access, stat");
  setxattr("f", "user.a", "1", 1, 0);
  removexattr("f", "user.a");
  show_events("xattrs");
  put("g", "0123456789", O_CREAT);
  show_events("another file");
  int from = MUST(open("g", O_RDONLY)), to = MUST(open("f", O_WRONLY));
  show_events("opened");
  sendfile(to, from, NULL, 4);
  show_events("sendfile");
  copy_file_range(from, NULL, to, NULL, 3, 0);
  show_events("copy_file_range");
  close(from);
  close(to);
  show_events("closed");
  mkdir("d", 0755);
  show_events("mkdir");
  SHOW(inotify_add_watch(in, "d", IN_ALL_EVENTS));
  DIR *d = opendir("d");
  show_events("opendir");
  while (readdir(d)) {}
  show_events("readdir");
  closedir(d);
  show_events("closedir");
  chmod("d", 0700);
  show_events("chmod of a directory");
  put("d/x", "1", O_CREAT);
  show_events("inside");
  symlink("f", "s");
  mkfifo("p", 0600);
  show_events("symlink, fifo");
  lchown("s", 0, 0);
  chmod("s", 0640);
  show_events("through the symlink");
  char buf[8];
  readlink("s", buf, 8);
  show_events("readlink");
  fd = MUST(open(".", O_TMPFILE | O_RDWR, 0600));
  write(fd, "x", 1);
  close(fd);
  show_events("O_TMPFILE");
  char *m = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd = open("f", O_RDWR), 0);
  close(fd);
  munmap(m, 4096);
  show_events("mapping");
  return 0;
}
