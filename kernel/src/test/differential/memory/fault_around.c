/*
 * What is mapped around a fault in a file mapping must not show: SIGBUS beyond the end, truncation while mapped,
 * copy-on-write page by page, holes that stay holes, protections of the neighbours, fork.
 */
#include "difftest.h"

#define PAGE 4096l
enum { PAGES = 200 };

static sigjmp_buf back;
static volatile int got;

static void caught(int sig, siginfo_t *info, void *context) {
  (void)context;
  got = sig * 100 + info->si_code;
  siglongjmp(back, 1);
}

/* What comes of one access: the value, or the signal. */
static void touch(const char *label, volatile char *p, bool write) {
  if (sigsetjmp(back, 1) != 0) {
    printf("%s: %s code %d\n", label, sname(got / 100), got % 100);
    return;
  }
  if (write) *p = 'W';
  printf("%s: %d\n", label, *p);
}

static int filled(int fd) {
  static char page[PAGE];
  for (int i = 0; i < PAGES; i++) {
    memset(page, 'a' + i % 26, PAGE);
    MUST(pwrite(fd, page, PAGE, i * PAGE) - PAGE);
  }
  return fd;
}

static char *map(int fd, int protection, int flags) {
  char *p = mmap(NULL, PAGES * PAGE, protection, flags, fd, 0);
  if (p == MAP_FAILED) exit(9);
  return p;
}

static int file(void) {
  char path[] = "/tmp/fault_around-XXXXXX";
  int fd = MUST(mkstemp(path));
  unlink(path);
  return filled(fd);
}

static char at(int fd, long page) {
  char c = 0;
  pread(fd, &c, 1, page * PAGE);
  return c;
}

/* Of [first, end): how many pages begin with the byte that filled() gave them. */
static int untouched(const char *p, int first, int end) {
  int n = 0;
  for (int i = first; i < end; i++) n += p[i * PAGE] == 'a' + i % 26;
  return n;
}

static void ends(int fd, int flags) {
  MUST(ftruncate(fd, 20 * PAGE + 100));
  char *p = map(fd, PROT_READ | PROT_WRITE, flags);
  touch("first", p, false);
  touch("last page", p + 20 * PAGE + 99, false);
  touch("its rest", p + 20 * PAGE + 100, false);
  touch("beyond", p + 21 * PAGE, false);
  touch("write beyond", p + 22 * PAGE, true);
  touch("write before", p + 19 * PAGE, true);
  touch("write to the last", p + 20 * PAGE, true);
  MUST(ftruncate(fd, 5 * PAGE));
  touch("before the new end", p + 4 * PAGE, false);
  touch("behind it", p + 5 * PAGE, false);
  touch("written to before", p + 19 * PAGE, false);
  MUST(ftruncate(fd, PAGES * PAGE));
  touch("grown again", p + 5 * PAGE, false);
  touch("at the end", p + (PAGES - 1) * PAGE, true);
  SHOW((int)at(fd, 19));
  SHOW((int)at(fd, PAGES - 1));
  munmap(p, PAGES * PAGE);
  close(fd);
}

/* Page by page copy-on-write, although the neighbours are mapped already. */
static void private_copies(void) {
  int fd = file();
  char *p = map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  char *q = map(fd, PROT_READ, MAP_SHARED);
  SHOW(untouched(p, 0, PAGES));
  p[10 * PAGE] = 'P';
  MUST(pwrite(fd, "F", 1, 11 * PAGE) - 1);
  MUST(pwrite(fd, "F", 1, 10 * PAGE) - 1);
  printf("%c %c %c, file %c %c, shared %c %c\n", p[9 * PAGE], p[10 * PAGE], p[11 * PAGE], at(fd, 10), at(fd, 11), q[10 * PAGE],
         q[11 * PAGE]);
  p[11 * PAGE + 1] = 'P';
  MUST(pwrite(fd, "G", 1, 11 * PAGE) - 1);
  printf("%c %c, shared %c\n", p[11 * PAGE], p[11 * PAGE + 1], q[11 * PAGE]);
  MUST(madvise(p + 10 * PAGE, 2 * PAGE, MADV_DONTNEED));
  printf("after DONTNEED %c %c\n", p[10 * PAGE], p[11 * PAGE]);
  SHOW(untouched(p, 12, PAGES));
  munmap(p, PAGES * PAGE);
  munmap(q, PAGES * PAGE);
  close(fd);
}

/* Holes around a page that is written stay holes, and what is written is seen by everybody. */
static void holes(void) {
  int fd = MUST(memfd_create("holes", 0));
  MUST(ftruncate(fd, PAGES * PAGE));
  char *p = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  p[40 * PAGE] = 'W';
  SHOW(lseek(fd, 0, SEEK_DATA) / PAGE);
  SHOW(lseek(fd, 40 * PAGE, SEEK_HOLE) / PAGE);
  for (int i = 0; i < PAGES; i += 4) p[i * PAGE] = 'a' + i % 26;
  int holes = 0;
  for (int i = 0; i < PAGES; i++) holes += lseek(fd, i * PAGE, SEEK_HOLE) == i * PAGE;
  SHOW(holes);
  struct stat s;
  fstat(fd, &s);
  SHOW(s.st_blocks / 8);
  char *q = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  for (int i = 0; i < PAGES; i += 8) q[i * PAGE + 1] = 'Q';
  int seen = 0;
  for (int i = 0; i < PAGES; i += 4) seen += p[i * PAGE] == 'a' + i % 26 && p[i * PAGE + 1] == (i % 8 == 0 ? 'Q' : 0);
  SHOW(seen);
  MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8 * PAGE, 4 * PAGE));
  printf("punched %d %d, beside it %c\n", p[8 * PAGE], q[8 * PAGE + 1], q[12 * PAGE]);
  q[8 * PAGE] = 'q';
  printf("filled again %c %c\n", p[8 * PAGE], at(fd, 8));
  munmap(p, PAGES * PAGE);
  munmap(q, PAGES * PAGE);
  close(fd);
}

/* A store to one page must not give the right to store to another. */
static void protections(void) {
  int fd = file();
  char *p = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  MUST(mprotect(p + 20 * PAGE, PAGE, PROT_NONE));
  MUST(mprotect(p + 30 * PAGE, 4 * PAGE, PROT_READ));
  SHOW(untouched(p, 0, 20));
  touch("write", p + 10 * PAGE, true);
  touch("none", p + 20 * PAGE, false);
  touch("read-only, read", p + 30 * PAGE, false);
  touch("read-only, written", p + 30 * PAGE, true);
  touch("behind", p + 34 * PAGE, true);
  MUST(mprotect(p, PAGES * PAGE, PROT_READ));
  touch("all read-only", p + 10 * PAGE, true);
  touch("a neighbour", p + 11 * PAGE, true);
  touch("what was none", p + 20 * PAGE, false);
  MUST(mprotect(p, PAGES * PAGE, PROT_READ | PROT_WRITE));
  touch("writable again", p + 11 * PAGE, true);
  touch("execute", p, false);
  int ro = 0;
  for (int i = 0; i < PAGES; i++) ro += at(fd, i) == 'W';
  SHOW(ro);
  munmap(p + 50 * PAGE, 10 * PAGE);
  touch("unmapped in the middle", p + 55 * PAGE, false);
  touch("before it", p + 49 * PAGE, true);
  touch("behind it", p + 60 * PAGE, true);
  munmap(p, PAGES * PAGE);
  close(fd);
}

/* Shared and private mappings of one file through fork: whose stores are seen by whom. */
static void forked(void) {
  int fd = file();
  char *s = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  char *p = map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  s[0] = 'S';
  p[1] = 'P';
  SHOW(untouched(p, 1, PAGES));
  pid_t pid = fork();
  if (pid == 0) {
    for (int i = 0; i < PAGES; i += 2) s[i * PAGE] = 'C';
    for (int i = 0; i < PAGES; i += 3) p[i * PAGE] = 'D';
    _exit(0);
  }
  dt_reap("child", pid);
  int shared = 0, mine = 0;
  for (int i = 0; i < PAGES; i++) {
    shared += s[i * PAGE] == 'C' && at(fd, i) == 'C';
    mine += p[i * PAGE] == 'D';
  }
  printf("%d %d, %c %c\n", shared, mine, p[0], p[1]);
  MUST(msync(s, PAGES * PAGE, MS_SYNC));
  SHOW(untouched(s, 0, PAGES));
  munmap(s, PAGES * PAGE);
  munmap(p, PAGES * PAGE);
  close(fd);
}

/* Every page of what has just been written is in the page cache, touched or not. */
static void cached(void) {
  unsigned char bits[PAGES];
  int fd = file(), in = 0;
  char *p = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  MUST(mincore(p, PAGES * PAGE, bits));
  for (int i = 0; i < PAGES; i++) in += bits[i] & 1;
  SHOW(in);
  MUST(ftruncate(fd, 10 * PAGE));
  MUST(mincore(p, PAGES * PAGE, bits));
  in = 0;
  for (int i = 0; i < PAGES; i++) in += bits[i] & 1;
  SHOW(in);
  munmap(p, PAGES * PAGE);
  close(fd);
}

/* A page is entered, left out and entered again by threads that store to pages in turn. */
static char *common;

static void *store(void *first) {
  for (int round = 0; round < 50; round++)
    for (int i = (int)(long)first; i < PAGES; i += 4) ((volatile char *)common)[i * PAGE + (long)first]++;
  return NULL;
}

static void threads(void) {
  int fd = MUST(memfd_create("threads", 0));
  MUST(ftruncate(fd, PAGES * PAGE));
  common = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
  pthread_t t[4];
  for (long i = 0; i < 4; i++) pthread_create(&t[i], NULL, store, (void *)i);
  for (int i = 0; i < 20; i++) MUST(madvise(common, PAGES * PAGE, MADV_DONTNEED));
  for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
  int right = 0;
  for (int i = 0; i < PAGES; i++) right += common[i * PAGE + i % 4] == 50;
  SHOW(right);
  munmap(common, PAGES * PAGE);
  close(fd);
}

int main(void) {
  dt_start(20);
  struct sigaction a = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGBUS, &a, NULL);
  sigaction(SIGSEGV, &a, NULL);
  puts("-- shared");
  ends(file(), MAP_SHARED);
  puts("-- private");
  ends(file(), MAP_PRIVATE);
  puts("-- memfd");
  ends(filled(MUST(memfd_create("ends", 0))), MAP_SHARED);
  private_copies();
  holes();
  protections();
  forked();
  cached();
  threads();
  return 0;
}
