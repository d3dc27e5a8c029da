/* mremap: shrink, grow in place, move, fixed, DONTUNMAP, errors; contents follow. */
#include "difftest.h"

#define PAGE 4096
static char *area(int pages) {
  return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void fill(char *p, int pages) {
  for (int i = 0; i < pages; i++) memset(p + i * PAGE, 'a' + i, PAGE);
}
static bool filled(char *p, int pages) {
  for (int i = 0; i < pages; i++)
    if (!dt_all(p + i * PAGE, 'a' + i, PAGE)) return false;
  return true;
}

int main(void) {
  dt_start(20);
  dt_catch_faults();
  char *p = area(8);
  fill(p, 8);
  IS(mremap(p, 8 * PAGE, 4 * PAGE, 0) == p);
  FAULT("behind the shrunk", p + 5 * PAGE, p[5 * PAGE] = 1);
  IS(mremap(p, 4 * PAGE, 6 * PAGE, 0) == p);
  IS(filled(p, 4) && dt_all(p + 4 * PAGE, 0, 2 * PAGE));
  mmap(p + 6 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  OK(mremap(p, 6 * PAGE, 10 * PAGE, 0));
  char *q = mremap(p, 6 * PAGE, 10 * PAGE, MREMAP_MAYMOVE);
  IS(q != MAP_FAILED && q != p);
  IS(filled(q, 4) && dt_all(q + 4 * PAGE, 0, 6 * PAGE));
  FAULT("old place", p, (void)*(volatile char *)p);
  char *target = area(12);
  fill(target, 12);
  IS(mremap(q, 10 * PAGE, 10 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
  IS(filled(target, 4) && dt_all(target + 4 * PAGE, 0, 6 * PAGE) && dt_all(target + 10 * PAGE, 'a' + 10, PAGE));
  char *r = mremap(target + 2 * PAGE, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
  IS(r != MAP_FAILED && dt_all(r, 'c', PAGE) && dt_all(r + PAGE, 'd', PAGE) && dt_all(r + 2 * PAGE, 0, PAGE));
  FAULT("hole in the middle", target + 2 * PAGE, (void)*(volatile char *)(target + 2 * PAGE));
  FAULT("beside it", target, (void)*(volatile char *)target);
  char *keep = area(2);
  fill(keep, 2);
  char *moved = mremap(keep, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
  IS(moved != MAP_FAILED && filled(moved, 2));
  FAULT("source of DONTUNMAP", keep, (void)*(volatile char *)keep);
  IS(dt_all(keep, 0, 2 * PAGE));
  OK(mremap(keep, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
  OK(mremap(keep + 1, PAGE, PAGE, 0));
  OK(mremap(keep, PAGE, 0, 0));
  OK(mremap(keep, PAGE, PAGE, 0x80));
  OK(mremap(keep, PAGE, PAGE, MREMAP_FIXED, target));
  OK(mremap(keep, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, keep + PAGE));
  OK(mremap(keep, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (char *)1));
  OK(mremap((void *)0x10000, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
  OK(mremap(keep, PAGE, 1ul << 47, MREMAP_MAYMOVE));
  OK(mremap(keep, 64 * PAGE, 65 * PAGE, MREMAP_MAYMOVE));
  OK(mremap(keep, 0, PAGE, MREMAP_MAYMOVE));
  char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  shared[0] = 's';
  char *twin = mremap(shared, 0, PAGE, MREMAP_MAYMOVE);
  IS(twin != MAP_FAILED && twin != shared && twin[0] == 's');
  twin[1] = 't';
  IS(shared[1] == 't');
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
  MUST(ftruncate(fd, 3 * PAGE));
  pwrite(fd, "third", 5, 2 * PAGE);
  char *f = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  f = mremap(f, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
  IS(f != MAP_FAILED && memcmp(f + 2 * PAGE, "third", 5) == 0);
  mprotect(moved + PAGE, PAGE, PROT_READ);
  OK(mremap(moved, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
  return 0;
}
