/* shutdown and half-open connections of all types: results, poll bits, wake-ups. */
#include "difftest.h"
#include <poll.h>
#include <sys/socket.h>

static int p[2];

static void bits(const char *when) {
  struct pollfd f[2] = {{p[0], 0x3fff, 0}, {p[1], 0x3fff, 0}};
  poll(f, 2, 0);
  printf("%s: %#x %#x\n", when, f[0].revents, f[1].revents);
}

static void one(int type, int how) {
  printf("type %d how %d\n", type, how);
  MUST(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, p));
  char b[8];
  MUST(write(p[0], "to1", 3));
  MUST(write(p[1], "to0", 3));
  bits("before");
  SHOW(shutdown(p[0], how));
  bits("after");
  SHOW(write(p[0], "x", 1));
  SHOW(write(p[1], "y", 1));
  SHOW(read(p[0], b, 8));
  SHOW(read(p[0], b, 8));
  SHOW(read(p[0], b, 8));
  SHOW(read(p[1], b, 8));
  SHOW(read(p[1], b, 8));
  SHOW(read(p[1], b, 8));
  bits("drained");
  SHOW(shutdown(p[1], how));
  bits("both");
  close(p[0]);
  bits("closed");
  close(p[1]);
}

static void *reader(void *arg) {
  char b[4];
  errno = 0;
  long n = recv(p[0], b, 4, 0);
  *(int *)arg = errno;
  return (void *)n;
}

static void wakes(int type, int end, int how) {
  MUST(socketpair(AF_UNIX, type, 0, p));
  pthread_t t;
  int err = 0;
  void *n;
  pthread_create(&t, NULL, reader, &err);
  dt_sleep_ms(50);
  if (how < 0) close(p[end]);
  else shutdown(p[end], how);
  if (type == SOCK_DGRAM && (end == 1 || how < 0)) write(p[1], "", 0);
  pthread_join(t, &n);
  printf("type %d end %d how %d: %ld %s\n", type, end, how, (long)n, ename(err));
  close(p[0]);
  close(p[1]);
}

int main(void) {
  dt_start(30);
  signal(SIGPIPE, SIG_IGN);
  int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
  for (int i = 0; i < 3; i++)
    for (int how = 0; how < 3; how++) one(types[i], how);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  SHOW(shutdown(p[0], 3));
  SHOW(shutdown(p[0], -1));
  for (int i = 0; i < 3; i++) {
    wakes(types[i], 0, SHUT_RD);
    wakes(types[i], 0, SHUT_RDWR);
    if (types[i] == SOCK_DGRAM) continue;
    wakes(types[i], 1, SHUT_WR);
    wakes(types[i], 1, SHUT_RDWR);
    wakes(types[i], 1, -1);
  }
  int s = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  p[0] = p[1] = s;
  bits("unconnected");
  SHOW(shutdown(s, SHUT_RD));
  bits("unconnected, shut");
  char b;
  SHOW(read(s, &b, 1));
  SHOW(write(s, &b, 1));
  SHOW(shutdown(s, SHUT_WR));
  SHOW(write(s, &b, 1));
  s = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  p[0] = p[1] = s;
  bits("unconnected packet");
  SHOW(read(s, &b, 1));
  SHOW(write(s, &b, 1));
  s = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  p[0] = p[1] = s;
  bits("unconnected datagram");
  SHOW(read(s, &b, 1));
  SHOW(write(s, &b, 1));
  return 0;
}
