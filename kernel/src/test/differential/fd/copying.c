/* sendfile, splice, tee, vmsplice and copy_file_range. */
#include "difftest.h"
#include <sys/sendfile.h>
#include <sys/socket.h>

static char buf[70000];

int main(void) {
  dt_start(20);
  int in = MUST(open("in", O_CREAT | O_RDWR, 0644)), out = MUST(open("out", O_CREAT | O_RDWR, 0644));
  for (int i = 0; i < 60000; i++) buf[i] = (char)('a' + i % 26);
  MUST(write(in, buf, 60000));
  lseek(in, 0, SEEK_SET);
  SHOW(sendfile(out, in, NULL, 1000));
  SHOW(lseek(in, 0, SEEK_CUR));
  off_t at = 100;
  SHOW(sendfile(out, in, &at, 26));
  IS(at == 126);
  SHOW(lseek(in, 0, SEEK_CUR));
  SHOW(lseek(out, 0, SEEK_CUR));
  at = 59990;
  SHOW(sendfile(out, in, &at, 100));
  SHOW(sendfile(out, in, &at, 100));
  at = -1;
  SHOW(sendfile(out, in, &at, 100));
  int pair[2], pipes[2], more[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  MUST(pipe(pipes));
  MUST(pipe(more));
  at = 0;
  SHOW(sendfile(pair[0], in, &at, 500));
  SHOW(recv(pair[1], buf, sizeof buf, MSG_WAITALL | MSG_DONTWAIT));
  SHOW(sendfile(pipes[1], in, &at, 300));
  SHOW(read(pipes[0], buf, sizeof buf));
  SHOW(sendfile(out, pipes[0], NULL, 10));
  SHOW(sendfile(in, 999, NULL, 10));
  int ap = MUST(open("out", O_WRONLY | O_APPEND));
  SHOW(sendfile(ap, in, NULL, 10));

  loff_t off = 26;
  SHOW(splice(in, &off, pipes[1], NULL, 52, 0));
  IS(off == 78);
  SHOW(tee(pipes[0], more[1], 10, 0));
  SHOW(read(more[0], buf, sizeof buf));
  printf("%.10s\n", buf);
  off = 5;
  SHOW(splice(pipes[0], NULL, out, &off, 20, 0));
  IS(off == 25);
  SHOW(read(pipes[0], buf, sizeof buf));
  printf("%.32s\n", buf);
  SHOW(splice(pipes[0], NULL, more[1], NULL, 10, SPLICE_F_NONBLOCK));
  SHOW(splice(in, NULL, out, NULL, 10, 0));
  SHOW(splice(in, &off, out, NULL, 10, 0));
  SHOW(splice(pipes[0], &off, out, NULL, 10, 0));
  SHOW(splice(pipes[0], NULL, pipes[1], NULL, 10, 0));
  SHOW(tee(in, pipes[1], 10, 0));
  struct iovec v[2] = {{"vm", 2}, {"splice", 6}};
  SHOW(vmsplice(pipes[1], v, 2, 0));
  SHOW(read(pipes[0], buf, sizeof buf));
  printf("%.8s\n", buf);
  SHOW(vmsplice(out, v, 2, 0));
  MUST(write(pipes[1], "moved", 5));
  SHOW(splice(pipes[0], NULL, more[1], NULL, 100, 0));
  SHOW(read(more[0], buf, 100));

  loff_t from = 10, to = 2000;
  SHOW(copy_file_range(in, &from, out, &to, 100, 0));
  IS(from == 110 && to == 2100);
  char back[100];
  SHOW(pread(out, back, 100, 2000));
  IS(back[0] == 'a' + 10 && back[99] == 'a' + 109 % 26);
  from = 59999;
  SHOW(copy_file_range(in, &from, out, NULL, 100, 0));
  SHOW(copy_file_range(in, &from, out, NULL, 100, 0));
  SHOW(copy_file_range(in, NULL, out, NULL, 100, 1));
  from = 0;
  to = 50;
  SHOW(copy_file_range(in, &from, in, &to, 100, 0));
  to = 50000;
  SHOW(copy_file_range(in, &from, in, &to, 100, 0));
  SHOW(copy_file_range(pipes[0], NULL, out, NULL, 100, 0));
  int ro = MUST(open("in", O_RDONLY));
  SHOW(copy_file_range(in, &from, ro, NULL, 10, 0));
  SHOW(copy_file_range(in, &from, ap, NULL, 10, 0));
  return 0;
}
