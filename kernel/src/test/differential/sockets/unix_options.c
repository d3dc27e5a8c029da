/* getsockopt and setsockopt of level SOL_SOCKET, and what is refused. */
#include "difftest.h"
#include <sys/socket.h>

static int s;

static void get(const char *name, int option) {
  char b[64];
  memset(b, 'z', sizeof b);
  socklen_t l = sizeof b;
  if (getsockopt(s, SOL_SOCKET, option, b, &l) < 0) printf("%s: %s\n", name, ename(errno));
  else {
    printf("%s: length %u value", name, l);
    for (unsigned i = 0; i + 3 < l && i < 16; i += 4) printf(" %d", *(int *)(b + i));
    puts("");
  }
}

static void set(const char *name, int option, int value) {
  printf("set %s %d: ", name, value);
  if (setsockopt(s, SOL_SOCKET, option, &value, sizeof value) < 0) printf("%s\n", ename(errno));
  else get("now", option);
}
#define GET(o) get(#o, o)
#define SET(o, v) set(#o, o, v)

static void timeouts(void) {
  long t[][2] = {{1, 500000}, {0, 0}, {0, 1}, {-1, 5}, {1, 1000000}, {1, -1}, {0x7fffffffffffffff, 0}};
  for (unsigned i = 0; i < sizeof t / sizeof *t; i++) {
    printf("timeout %ld %ld: ", t[i][0], t[i][1]);
    if (setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, t[i], sizeof t[i]) < 0) { puts(ename(errno)); continue; }
    long r[2];
    socklen_t l = sizeof r;
    getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, r, &l);
    printf("%ld about %ld\n", r[0], r[1] / 10000);
  }
  SHOW(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, t, 8));
}

static void unprivileged(void) {
  if (setresuid(99, 99, 99)) puts("cannot change user");
  SET(SO_DEBUG, 1);
  SET(SO_DEBUG, 0);
  SET(SO_MARK, 5);
  SET(SO_PRIORITY, 6);
  SET(SO_PRIORITY, 7);
  SET(SO_SNDBUFFORCE, 4096);
}

int main(void) {
  dt_start(30);
  s = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  GET(SO_TYPE);
  GET(SO_DOMAIN);
  GET(SO_PROTOCOL);
  GET(SO_ERROR);
  GET(SO_ACCEPTCONN);
  GET(SO_SNDBUF);
  GET(SO_RCVBUF);
  GET(SO_RCVLOWAT);
  GET(SO_SNDLOWAT);
  GET(SO_LINGER);
  GET(SO_PEEK_OFF);
  GET(SO_PASSCRED);
  GET(SO_PEERGROUPS);
  GET(SO_KEEPALIVE);
  SET(SO_TYPE, 1);
  SET(SO_DOMAIN, 1);
  SET(SO_PROTOCOL, 1);
  SET(SO_ERROR, 1);
  SET(SO_ACCEPTCONN, 1);
  SET(SO_SNDBUF, 10000);
  SET(SO_SNDBUF, 0);
  SET(SO_SNDBUF, -1);
  SET(SO_RCVBUF, 1);
  SET(SO_RCVBUF, 0x7fffffff);
  SET(SO_RCVLOWAT, 100);
  SET(SO_RCVLOWAT, 0);
  SET(SO_RCVLOWAT, -5);
  SET(SO_SNDLOWAT, 5);
  SET(SO_KEEPALIVE, 7);
  SET(SO_REUSEADDR, -1);
  SET(SO_BROADCAST, 0);
  SET(SO_OOBINLINE, 1);
  SET(SO_DONTROUTE, 2);
  SET(SO_REUSEPORT, 0);
  SET(SO_PRIORITY, 3);
  SET(SO_PASSCRED, 9);
  SET(SO_PEEK_OFF, 10);
  SET(SO_PEEK_OFF, -1);
  SET(SO_LINGER, 1);
  struct linger lin = {5, 30};
  SHOW(setsockopt(s, SOL_SOCKET, SO_LINGER, &lin, sizeof lin));
  GET(SO_LINGER);
  int v = 1;
  SHOW(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &v, 3));
  SHOW(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &v, -1));
  SHOW(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (void *)8, 4));
  SHOW(setsockopt(s, SOL_SOCKET, 0, &v, 4));
  SHOW(setsockopt(s, SOL_SOCKET, 1000, &v, 4));
  SHOW(setsockopt(s, 6, 1, &v, 4));
  SHOW(setsockopt(s, 12345, 1, &v, 4));
  socklen_t l = 4;
  SHOW(getsockopt(s, 6, 1, &v, &l));
  SHOW(getsockopt(s, SOL_SOCKET, 1000, &v, &l));
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, (void *)8, &l));
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, (void *)8));
  l = -1;
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &l));
  l = 2;
  v = -1;
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &l));
  printf("length %u value %#x\n", l, v);
  l = 0;
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &l));
  printf("length %u\n", l);
  timeouts();
  int p[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  s = p[0];
  GET(SO_TYPE);
  GET(SO_RCVLOWAT);
  dt_in_child("unprivileged", unprivileged);
  return 0;
}
