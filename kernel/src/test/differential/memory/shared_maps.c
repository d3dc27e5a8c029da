/* MAP_SHARED anonymous across fork, shared and private file maps against read and write, msync. */
#include "difftest.h"

int main(void) {
  dt_start(20);
  char *s = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *priv = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  s[0] = 1;
  priv[0] = 1;
  pid_t pid = fork();
  if (pid == 0) {
    bool ok = s[0] == 1 && priv[0] == 1;
    s[0] = 2;
    s[4096] = 3;
    priv[0] = 2;
    pid_t inner = fork();
    if (inner == 0) {
      s[8192] = 4;
      _exit(0);
    }
    waitpid(inner, NULL, 0);
    _exit(ok ? 0 : 1);
  }
  dt_reap("child", pid);
  printf("shared %d %d %d private %d\n", s[0], s[4096], s[8192], priv[0]);

  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
  char page[4096];
  memset(page, 'f', sizeof page);
  MUST(write(fd, page, 4096));
  MUST(write(fd, page, 1000));
  char *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *copy = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  char *second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);
  IS(shared[0] == 'f' && copy[0] == 'f' && second[999] == 'f' && second[1000] == 0);
  shared[1] = 'S';
  char c;
  pread(fd, &c, 1, 1);
  printf("read sees map: %c\n", c);
  printf("private untouched sees map: %c\n", copy[1]);
  copy[2] = 'P';
  pread(fd, &c, 1, 2);
  printf("file %c shared %c private %c\n", c, shared[2], copy[2]);
  pwrite(fd, "WW", 2, 2);
  printf("after write: shared %c%c private %c%c\n", shared[2], shared[3], copy[2], copy[3]);
  pwrite(fd, "Q", 1, 4100);
  printf("second map %c, first %c, private %c\n", second[4], shared[4100], copy[4100]);
  pid = fork();
  if (pid == 0) {
    shared[10] = 'C';
    copy[10] = 'C';
    copy[4100] = 'C';
    munmap(shared, 8192);
    _exit(0);
  }
  dt_reap("map child", pid);
  printf("after child: shared %c private %c %c\n", shared[10], copy[10], copy[4100]);
  SHOW(msync(shared, 8192, MS_SYNC));
  SHOW(msync(shared, 8192, MS_ASYNC | MS_INVALIDATE));
  SHOW(msync(shared, 8192, MS_SYNC | MS_ASYNC));
  SHOW(msync(shared + 1, 4096, MS_SYNC));
  SHOW(msync(shared, 4096, 8));
  SHOW(msync((void *)0x10000, 4096, MS_SYNC));
  close(fd);
  shared[20] = 'Z';
  fd = MUST(open("file", O_RDONLY));
  pread(fd, &c, 1, 20);
  printf("map outlives its descriptor: %c\n", c);
  MUST(unlink("file"));
  shared[21] = 'Y';
  pread(fd, &c, 1, 21);
  printf("and the name: %c\n", c);
  struct stat st;
  fstat(fd, &st);
  printf("size %ld links %ld\n", (long)st.st_size, (long)st.st_nlink);
  munmap(shared, 8192);
  IS(copy[2] == 'P' && copy[4095] == 'f');
  return 0;
}
