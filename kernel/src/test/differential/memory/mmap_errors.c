/* mmap and munmap: argument errors, MAP_FIXED, MAP_FIXED_NOREPLACE, hints, lengths. */
#include "difftest.h"

static char *map(void *at, size_t n, int prot, int flags) { return mmap(at, n, prot, flags, -1, 0); }

int main(void) {
  dt_start(20);
  dt_catch_faults();
  const int anon = MAP_PRIVATE | MAP_ANONYMOUS, rw = PROT_READ | PROT_WRITE;
  OK(map(NULL, 0, rw, anon));
  OK(map(NULL, SIZE_MAX, rw, anon));
  OK(map(NULL, 1ul << 47, rw, anon));
  OK(map(NULL, 4096, rw, MAP_ANONYMOUS));
  OK(map(NULL, 4096, rw, MAP_ANONYMOUS | MAP_SHARED | MAP_PRIVATE));
  OK(mmap(NULL, 4096, rw, MAP_PRIVATE, -1, 0));
  OK(mmap(NULL, 4096, rw, MAP_PRIVATE, 999, 0));
  OK(mmap(NULL, 4096, rw, anon, -1, 123));
  OK(map((void *)4097, 4096, rw, anon | MAP_FIXED));
  OK(map((void *)0x7ffffffff000, 4096, rw, anon | MAP_FIXED));
  OK(map((void *)0x7fffffffe000, 8192, rw, anon | MAP_FIXED));
  OK(map((void *)0xffff800000000000, 4096, rw, anon | MAP_FIXED));
  OK(map((void *)-4096l, 4096, rw, anon | MAP_FIXED));
  OK(map(NULL, 1, rw, anon));
  char *a = map(NULL, 5 * 4096, rw, anon);
  memset(a, 1, 5 * 4096);
  IS(((uintptr_t)a & 4095) == 0);
  IS(map(a, 4096, rw, anon) != a);
  IS(map(a + 4096, 4096, rw, anon | MAP_FIXED) == a + 4096);
  IS(dt_all(a, 1, 4096) && dt_all(a + 4096, 0, 4096) && dt_all(a + 8192, 1, 3 * 4096));
  OK(map(a + 8192, 4096, rw, anon | MAP_FIXED_NOREPLACE));
  SHOW(munmap(a + 8192, 4096));
  IS(map(a + 8192, 4096, rw, anon | MAP_FIXED_NOREPLACE) == a + 8192);
  OK(map(a + 4096 * 4, 8192, rw, anon | MAP_FIXED_NOREPLACE));
  SHOW(munmap(a + 3 * 4096, 4096));
  IS(map(a + 3 * 4096, 4096, rw, anon) == a + 3 * 4096);
  SHOW(munmap(a + 1, 4096));
  SHOW(munmap(a, 0));
  SHOW(munmap(a, SIZE_MAX));
  SHOW(munmap((void *)0x7ffffffff000, 4096));
  SHOW(munmap((void *)0x10000, 4096));
  SHOW(munmap(a, 100));
  FAULT("first page gone", a, a[0] = 1);
  FAULT("second page there", a, a[4096] = 1);
  SHOW(munmap(a, 5 * 4096));
  SHOW(munmap(a, 5 * 4096));
  FAULT("all gone", a + 9000, a[9000] = 1);
  int dir = MUST(open(".", O_RDONLY));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, dir, 0));
  int wr = MUST(open("file", O_CREAT | O_WRONLY, 0600));
  MUST(ftruncate(wr, 4096));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, wr, 0));
  OK(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, wr, 0));
  int rd = MUST(open("file", O_RDONLY));
  OK(mmap(NULL, 4096, rw, MAP_SHARED, rd, 0));
  OK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, rd, 0));
  OK(mmap(NULL, 4096, rw, MAP_PRIVATE, rd, 0));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, rd, 100));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, rd, 1l << 40));
  int path = MUST(open("file", O_PATH));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, path, 0));
  int pipes[2];
  MUST(pipe(pipes));
  OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, pipes[0], 0));
  int zero = MUST(open("/dev/zero", O_RDWR));
  char *z = mmap(NULL, 4096, rw, MAP_PRIVATE, zero, 0);
  IS(z != MAP_FAILED && dt_all(z, 0, 4096));
  OK(mmap(NULL, 4096, rw, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0));
  OK(mmap(NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE | 0x200000, rd, 0));
  OK(map(NULL, 4096, rw, anon | MAP_GROWSDOWN));
  char *pop = map(NULL, 8192, rw, anon | MAP_POPULATE | MAP_NORESERVE);
  unsigned char vec[2] = {9, 9};
  SHOW(mincore(pop, 8192, vec));
  printf("populated %d %d\n", vec[0] & 1, vec[1] & 1);
  IS((uintptr_t)map(NULL, 4096, rw, anon | MAP_32BIT) < 1ul << 31);
  return 0;
}
