/* setxattrat, getxattrat, listxattrat, removexattrat: by directory, by descriptor, with flags; sizes of their argument. */
#include "difftest.h"
#include <sys/xattr.h>

struct xargs { uint64_t value; uint32_t size, flags; };
#define SETAT 463
#define GETAT 464
#define LISTAT 465
#define REMOVEAT 466

static char value[64];
static struct xargs args;

static struct xargs *a(const char *text, unsigned flags) {
  args = (struct xargs){(uintptr_t)text, strlen(text), flags};
  return &args;
}
static struct xargs *room(unsigned n) {
  memset(value, 0, sizeof value);
  args = (struct xargs){(uintptr_t)value, n, 0};
  return &args;
}

int main(void) {
  dt_start(10);
  MUST(mkdir("d", 0755));
  int d = MUST(open("d", O_RDONLY)), f = MUST(openat(d, "f", O_CREAT | O_RDWR, 0644));
  MUST(symlinkat("f", d, "l"));
  char list[128];
  RAW(raw6(SETAT, d, (long)"f", 0, (long)"user.a", (long)a("one", 0), 16));
  RAW(raw6(GETAT, d, (long)"f", 0, (long)"user.a", (long)room(64), 16));
  printf("%s\n", value);
  RAW(raw6(SETAT, d, (long)"f", 0, (long)"user.a", (long)a("two", XATTR_CREATE), 16));
  RAW(raw6(SETAT, d, (long)"f", 0, (long)"user.b", (long)a("two", XATTR_REPLACE), 16));
  RAW(raw6(SETAT, d, (long)"f", 0, (long)"user.b", (long)a("two", 4), 16));
  RAW(raw6(SETAT, f, (long)"", AT_EMPTY_PATH, (long)"user.b", (long)a("second", 0), 16));
  RAW(raw6(SETAT, f, (long)"", 0, (long)"user.b", (long)a("second", 0), 16));
  RAW(raw6(GETAT, f, (long)"", AT_EMPTY_PATH, (long)"user.b", (long)room(64), 16));
  printf("%s\n", value);
  RAW(raw6(GETAT, f, 0, AT_EMPTY_PATH, (long)"user.b", (long)room(64), 16));
  RAW(raw6(GETAT, d, (long)"l", 0, (long)"user.b", (long)room(2), 16));
  RAW(raw6(GETAT, d, (long)"l", 0, (long)"user.b", (long)room(0), 16));
  RAW(raw6(GETAT, d, (long)"l", AT_SYMLINK_NOFOLLOW, (long)"user.b", (long)room(64), 16));
  RAW(raw6(GETAT, d, (long)"f", 1 << 20, (long)"user.b", (long)room(64), 16));
  RAW(raw6(GETAT, d, (long)"f", 0, (long)"user.b", (long)room(64), 15));
  RAW(raw6(GETAT, d, (long)"f", 0, (long)"user.b", (long)room(64), 5000));
  struct { struct xargs a; uint64_t more; } big = {*room(64), 0};
  RAW(raw6(GETAT, d, (long)"f", 0, (long)"user.b", (long)&big, sizeof big));
  big.more = 1;
  RAW(raw6(GETAT, d, (long)"f", 0, (long)"user.b", (long)&big, sizeof big));
  room(64)->flags = 1;
  RAW(raw6(GETAT, d, (long)"f", 0, (long)"user.b", (long)&args, 16));
  RAW(raw6(GETAT, d, (long)"f", 0, (long)"user.b", 8, 16));
  RAW(raw6(GETAT, d, (long)"f", 0, (long)"user.none", (long)room(64), 16));
  RAW(raw6(GETAT, d, (long)"none", 0, (long)"user.b", (long)room(64), 16));
  RAW(raw6(GETAT, -1, (long)"f", 0, (long)"user.b", (long)room(64), 16));
  long n = raw5(LISTAT, d, (long)"f", 0, (long)list, sizeof list);
  IS(n >= 14 && memmem(list, n, "user.a", 7) && memmem(list, n, "user.b", 7));
  IS(raw5(LISTAT, f, (long)"", AT_EMPTY_PATH, 0, 0) == n);
  RAW(raw5(LISTAT, d, (long)"f", 8, (long)list, sizeof list));
  RAW(raw5(LISTAT, d, (long)"f", 0, (long)list, 3));
  RAW(raw4(REMOVEAT, d, (long)"f", 0, (long)"user.a"));
  RAW(raw4(REMOVEAT, d, (long)"f", 0, (long)"user.a"));
  RAW(raw4(REMOVEAT, f, (long)"", AT_EMPTY_PATH, (long)"user.b"));
  RAW(raw4(REMOVEAT, d, (long)"f", 8, (long)"user.a"));
  return 0;
}
