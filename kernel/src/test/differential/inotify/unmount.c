/* A watch on a file system that goes away. */
#include "watching.h"
#include <sys/mount.h>

int main(void) {
  begin();
  unshare(CLONE_NEWNS);
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  mkdir("m", 0755);
  mkdir("n", 0755);
  SHOW(mount("none", "m", "tmpfs", 0, NULL));
  put("m/f", "", O_CREAT);
  SHOW(inotify_add_watch(in, "m/f", IN_ALL_EVENTS));
  SHOW(inotify_add_watch(in, ".", IN_ALL_EVENTS));
  SHOW(mount("m", "n", NULL, MS_BIND, NULL));
  put("n/f", "x", 0);
  show_events("through the bind mount");
  SHOW(umount("m"));
  show_events("one of two");
  SHOW(umount("n"));
  show_events("unmounted");
  SHOW(inotify_rm_watch(in, 1));
  return 0;
}
