/* splice, tee and vmsplice that wait, end, or meet closed pipes. */
#include "difftest.h"

static char buf[200000] __attribute__((aligned(4096)));

static void slow_writer(int fd) {
  dt_sleep_ms(50);
  MUST(write(fd, "late", 4));
  _exit(0);
}

int main(void) {
  dt_start(20);
  signal(SIGPIPE, SIG_IGN);
  int a[2], b[2];
  MUST(pipe(a));
  MUST(pipe(b));
  int out = MUST(open("out", O_CREAT | O_RDWR, 0644));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) slow_writer(a[1]);
  SHOW(splice(a[0], NULL, out, NULL, 100, 0));
  waitpid(pid, NULL, 0);
  fflush(stdout);
  pid = fork();
  if (pid == 0) slow_writer(a[1]);
  SHOW(tee(a[0], b[1], 100, 0));
  waitpid(pid, NULL, 0);
  SHOW(splice(a[0], NULL, b[1], NULL, 100, 0));
  SHOW(read(b[0], buf, 100));
  printf("%.8s\n", buf);
  memset(buf, 'z', sizeof buf);
  struct iovec v = {buf, sizeof buf};
  SHOW(vmsplice(b[1], &v, 1, 0));
  SHOW(vmsplice(b[1], &v, 1, SPLICE_F_NONBLOCK));
  SHOW(splice(out, &(loff_t){0}, b[1], NULL, 4, SPLICE_F_NONBLOCK));
  struct iovec half = {buf, 1000};
  SHOW(vmsplice(b[0], &half, 1, 0));
  long total = 0, n;
  fcntl(b[0], F_SETFL, O_NONBLOCK);
  while ((n = splice(b[0], NULL, out, NULL, 1 << 20, 0)) > 0) total += n;
  printf("drained %ld then %s\n", total, n == 0 ? "end" : ename(errno));
  close(b[1]);
  SHOW(splice(b[0], NULL, out, NULL, 10, 0));
  SHOW(tee(b[0], a[1], 10, 0));
  close(a[0]);
  SHOW(vmsplice(a[1], &half, 1, 0));
  SHOW(splice(out, &(loff_t){0}, a[1], NULL, 10, 0));
  int ro = MUST(open("out", O_RDONLY)), ap = MUST(open("out", O_WRONLY | O_APPEND)), c[2];
  MUST(pipe(c));
  MUST(write(c[1], "bytes", 5));
  SHOW(splice(c[0], NULL, ro, NULL, 5, 0));
  SHOW(splice(c[0], NULL, ap, NULL, 5, 0));
  SHOW(splice(c[1], NULL, out, NULL, 5, 0));
  SHOW(splice(c[0], NULL, out, NULL, 0, 0));
  SHOW(splice(c[0], NULL, out, NULL, 5, 0x100));
  SHOW(splice(c[0], NULL, out, &(loff_t){-5}, 5, 0));
  SHOW(splice(-1, NULL, out, NULL, 5, 0));
  SHOW(read(c[0], buf, 100));
  int dir = MUST(open(".", O_RDONLY)), null = MUST(open("/dev/null", O_RDWR)), zero = MUST(open("/dev/zero", O_RDONLY));
  SHOW(splice(dir, NULL, c[1], NULL, 5, 0));
  SHOW(splice(zero, NULL, c[1], NULL, 100, 0));
  SHOW(splice(c[0], NULL, null, NULL, 60, 0));
  SHOW(read(c[0], buf, 100));
  SHOW(lseek(ro, -3, SEEK_END) > 0);
  SHOW(splice(ro, NULL, c[1], NULL, 100, 0));
  SHOW(splice(ro, NULL, c[1], NULL, 100, 0));
  return 0;
}
