/* SIGBUS beyond the end of a mapped file, before and after the file grows and shrinks; death by it. */
#include "difftest.h"

static char *map;
static void dies(void) { map[5000] = 1; }

int main(void) {
  dt_start(20);
  dt_catch_faults();
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
  MUST(ftruncate(fd, 100));
  map = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  IS(map != MAP_FAILED);
  map[50] = 'x';
  FAULT("inside", map, map[60] = 'y');
  FAULT("past the end, same page", map, map[4000] = 'z');
  FAULT("next page write", map + 4096, map[4096] = 'q');
  FAULT("next page read", map + 8192, (void)*(volatile char *)(map + 8192));
  IS(ftruncate(fd, 8192) == 0);
  FAULT("next page after growth", map, map[4096] = 'q');
  IS(map[4000] == 0 || map[4000] == 'z');
  char c = 0;
  IS(pread(fd, &c, 1, 4096) == 1 && c == 'q');
  IS(ftruncate(fd, 10) == 0);
  FAULT("after shrinking", map + 4100, map[4100] = 1);
  FAULT("first page still there", map, map[5] = 1);
  IS(map[50] == 0);
  IS(ftruncate(fd, 4096) == 0);
  IS(map[50] == 0);
  char *priv = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  FAULT("private past the end", priv + 4096 + 3, priv[4096 + 3] = 1);
  IS(ftruncate(fd, 0) == 0);
  FAULT("empty file", priv, priv[0] = 1);
  errno = 0;
  SHOW(pread(fd, map, 10, 0));
  int pipes[2];
  MUST(pipe(pipes));
  SHOW(write(pipes[1], map, 10));
  signal(SIGBUS, SIG_DFL);
  dt_in_child("default action", dies);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGBUS);
  sigprocmask(SIG_BLOCK, &set, NULL);
  dt_in_child("blocked", dies);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  signal(SIGBUS, SIG_IGN);
  dt_in_child("ignored", dies);
  return 0;
}
