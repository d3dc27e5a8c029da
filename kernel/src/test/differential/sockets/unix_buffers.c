/* Room: how much goes in, when poll says there is more, messages that are too long, queues of datagrams. */
#include "difftest.h"
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static int p[2];
static char big[1 << 20];

static int queued(int s) {
  int n = -1;
  ioctl(s, TIOCOUTQ, &n);
  return n;
}

static int ready(int fd, int events) {
  struct pollfd f = {fd, events, 0};
  poll(&f, 1, 0);
  return f.revents;
}

static void fill(int type, int sndbuf, size_t piece) {
  MUST(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, p));
  if (sndbuf) MUST(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof sndbuf));
  long n, total = 0, writes = 0;
  while ((n = write(p[0], big, piece)) > 0) total += n, writes++;
  printf("type %d sndbuf %d piece %zu: %ld in %ld, then %s; out %d\n", type, sndbuf, piece, total, writes, ename(errno), queued(p[0]));
  printf("ready %#x %#x\n", ready(p[0], POLLOUT), ready(p[1], POLLIN));
  long reads = 0;
  while (!(ready(p[0], POLLOUT) & POLLOUT) && (n = read(p[1], big, piece > 4096 ? 4096 : piece)) > 0) reads++;
  printf("writable after %ld reads, out %d\n", reads, queued(p[0]));
  while (read(p[1], big, sizeof big) > 0) {}
  printf("out %d\n", queued(p[0]));
  close(p[0]);
  close(p[1]);
}

static void too_long(int type) {
  MUST(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, p));
  int v = 1;
  MUST(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &v, sizeof v));
  for (int n = 4570; n < 4610; n++)
    if (write(p[0], big, n) < 0) { printf("%d: %s\n", n, ename(errno)); break; }
    else while (read(p[1], big, sizeof big) > 0) {}
  v = 300000;
  MUST(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &v, sizeof v));
  SHOW(write(p[0], big, 599968));
  SHOW(read(p[1], big, sizeof big));
  SHOW(write(p[0], big, 599969));
  SHOW(write(p[0], (void *)8, 100));
  SHOW(write(p[0], "", 0));
  close(p[0]);
  close(p[1]);
}

static struct sockaddr_un addr;
static socklen_t len;

static int named(void) {
  int s = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  memset(&addr, 0, sizeof addr);
  addr.sun_family = AF_UNIX;
  MUST(bind(s, (struct sockaddr *)&addr, 2));
  len = sizeof addr;
  MUST(getsockname(s, (struct sockaddr *)&addr, &len));
  return s;
}

static void queue_length(void) {
  int s = named();
  int c = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  bool more = false;
  int n = 0;
  while (sendto(c, "x", 1, 0, (struct sockaddr *)&addr, len) == 1 && n < 2000) n++;
  printf("unconnected: EAGAIN %d\n", errno == EAGAIN);
  printf("same as max_dgram_qlen + 1: %d\n", n);
  printf("ready %#x\n", ready(c, POLLOUT));
  int d = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  MUST(connect(d, (struct sockaddr *)&addr, len));
  printf("connected ready %#x\n", ready(d, POLLOUT));
  SHOW(send(d, "x", 1, 0));
  char b[4];
  SHOW(recv(s, b, 4, 0));
  printf("connected ready %#x\n", ready(d, POLLOUT));
  SHOW(send(d, "x", 1, 0));
  SHOW(send(d, "x", 1, 0));
  close(s);
  SHOW(send(d, "x", 1, 0));
  SHOW(send(d, "x", 1, 0));
  (void)more;
}

static void *slow_reader(void *arg) {
  (void)arg;
  char buf[5000];
  long n, total = 0;
  dt_sleep_ms(50);
  while ((n = read(p[1], buf, sizeof buf)) > 0) total += n;
  return (void *)total;
}

static void blocking_write(int sndbuf) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  if (sndbuf) MUST(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof sndbuf));
  pthread_t t;
  pthread_create(&t, NULL, slow_reader, NULL);
  SHOW(write(p[0], big, sizeof big));
  struct iovec v[2] = {{big, 300000}, {big, 300000}};
  SHOW(writev(p[0], v, 2));
  close(p[0]);
  void *total;
  pthread_join(t, &total);
  printf("read %ld\n", (long)total);
  close(p[1]);
}

static void *closer(void *arg) {
  (void)arg;
  dt_sleep_ms(100);
  read(p[1], big, 100000);
  close(p[1]);
  return NULL;
}

static void broken_write(void) {
  signal(SIGPIPE, SIG_IGN);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  pthread_t t;
  pthread_create(&t, NULL, closer, NULL);
  long n = write(p[0], big, sizeof big);
  IS(n > 0 && n < (long)sizeof big);
  SHOW(write(p[0], big, 1));
  pthread_join(t, NULL);
  close(p[0]);
}

static void *datagram_reader(void *arg) {
  char b[4];
  dt_sleep_ms(80);
  for (int i = 0; i < 30; i++) {
    while (recv((int)(long)arg, b, 4, 0) < 0) dt_sleep_ms(1);
  }
  return NULL;
}

static void blocking_datagrams(void) {
  int s = named();
  int c = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  pthread_t t;
  pthread_create(&t, NULL, datagram_reader, (void *)(long)s);
  int ok = 0;
  for (int i = 0; i < 30; i++) ok += sendto(c, "x", 1, 0, (struct sockaddr *)&addr, len) == 1;
  pthread_join(t, NULL);
  printf("sent %d\n", ok);
}

int main(void) {
  dt_start(50);
  fill(SOCK_STREAM, 0, 1);
  fill(SOCK_STREAM, 0, 700);
  fill(SOCK_STREAM, 0, 4096);
  fill(SOCK_STREAM, 0, sizeof big);
  fill(SOCK_STREAM, 1, 1000);
  fill(SOCK_STREAM, 20000, sizeof big);
  fill(SOCK_DGRAM, 0, 1);
  fill(SOCK_DGRAM, 0, 5000);
  fill(SOCK_SEQPACKET, 0, 100000);
  too_long(SOCK_DGRAM);
  too_long(SOCK_SEQPACKET);
  queue_length();
  blocking_write(0);
  blocking_write(3000);
  broken_write();
  blocking_datagrams();
  return 0;
}
