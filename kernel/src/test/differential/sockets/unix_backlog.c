/* listen, connect and accept: backlog, blocking, what a closed listener leaves behind, accept4 flags. */
#include "difftest.h"
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un addr;
static socklen_t len;

static int listener(int type, int backlog) {
  int s = MUST(socket(AF_UNIX, type, 0));
  addr.sun_family = AF_UNIX;
  MUST(bind(s, (struct sockaddr *)&addr, 2));
  len = sizeof addr;
  MUST(getsockname(s, (struct sockaddr *)&addr, &len));
  MUST(listen(s, backlog));
  return s;
}

static int client(int flags) { return MUST(socket(AF_UNIX, SOCK_STREAM | flags, 0)); }
#define CONNECT(s) SHOW_AS("connect", connect(s, (struct sockaddr *)&addr, len))

static short ready(int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  MUST(poll(&p, 1, 0));
  return p.revents;
}

static void limits(void) {
  int s = listener(SOCK_STREAM, 1);
  printf("listener %#x\n", ready(s));
  int c[4];
  for (int i = 0; i < 4; i++) {
    c[i] = client(SOCK_NONBLOCK);
    printf("new %#x\n", ready(c[i]));
    CONNECT(c[i]);
    printf("then %#x listener %#x\n", ready(c[i]), ready(s));
  }
  SHOW(listen(s, 2));
  CONNECT(c[2]);
  CONNECT(c[3]);
  int a = MUST(accept4(s, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
  printf("flags %#x %d\n", fcntl(a, F_GETFL), fcntl(a, F_GETFD));
  SHOW(accept4(s, NULL, NULL, 1));
  CONNECT(c[3]);
  char b[8];
  SHOW(write(c[0], "hi", 2));
  SHOW(read(a, b, 8));
  SHOW(write(c[1], "early", 5));
  int a2 = MUST(accept(s, NULL, NULL));
  SHOW(read(a2, b, 8));
  fcntl(s, F_SETFL, O_NONBLOCK);
  SHOW(read(s, b, 1));
  SHOW(write(s, b, 1));
  close(s);
  SHOW(read(c[2], b, 1));
  SHOW(read(c[2], b, 1));
  printf("orphan %#x\n", ready(c[2]));
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(c[3], "x", 1));
  CONNECT(c[3]);
}

static atomic_int step;
static int server;

static void *acceptor(void *arg) {
  (void)arg;
  dt_await(&step, 1);
  dt_sleep_ms(100);
  return (void *)(long)accept(server, NULL, NULL);
}

static void blocking(void) {
  server = listener(SOCK_STREAM, 0);
  int a = client(0), b = client(0);
  CONNECT(a);
  pthread_t t;
  pthread_create(&t, NULL, acceptor, NULL);
  atomic_store(&step, 1);
  CONNECT(b);
  void *got;
  pthread_join(t, &got);
  IS((long)got >= 0);
  SHOW(write(a, "a", 1));
  char buf[4];
  SHOW(read((int)(long)got, buf, 4));
  struct timeval tv = {0, 50000};
  int c = client(0);
  MUST(setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv));
  CONNECT(c);
  MUST(setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  OK(accept(server, NULL, NULL));
  OK(accept(server, NULL, NULL));
}

static void addresses(void) {
  int s = listener(SOCK_STREAM, 5);
  int c = client(0);
  struct sockaddr_un me = {AF_UNIX, ""};
  snprintf(me.sun_path + 1, 20, "difftest-%08d", getpid());
  MUST(bind(c, (struct sockaddr *)&me, 20));
  CONNECT(c);
  struct sockaddr_un peer;
  socklen_t l = sizeof peer;
  int a = MUST(accept(s, (struct sockaddr *)&peer, &l));
  printf("length %u same %d\n", l, memcmp(&peer, &me, 20) == 0);
  int d = client(0);
  CONNECT(d);
  l = sizeof peer;
  int b = MUST(accept(s, (struct sockaddr *)&peer, &l));
  printf("length %u\n", l);
  (void)a;
  (void)b;
  int e = client(0);
  CONNECT(e);
  close(e);
  l = sizeof peer;
  OK(accept(s, (struct sockaddr *)&peer, &l));
  CONNECT(e = client(0));
  OK(accept(s, (struct sockaddr *)8, &l));
  fcntl(s, F_SETFL, O_NONBLOCK);
  OK(accept(s, NULL, NULL));
}

static void shut(void) {
  int s = listener(SOCK_STREAM, 5);
  int c = client(0), d = client(0);
  CONNECT(c);
  SHOW(shutdown(s, SHUT_RD));
  printf("listener %#x\n", ready(s));
  CONNECT(d);
  OK(accept(s, NULL, NULL));
  OK(accept(s, NULL, NULL));
  int v;
  socklen_t l = sizeof v;
  SHOW(getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, &v, &l));
  printf("accepts %d\n", v);
  SHOW(getsockopt(c, SOL_SOCKET, SO_ACCEPTCONN, &v, &l));
  printf("accepts %d\n", v);
}

static void *blocked_accept(void *arg) {
  (void)arg;
  long r = accept(server, NULL, NULL);
  return (void *)(long)(r < 0 ? -errno : 0);
}

static void woken(void) {
  server = listener(SOCK_STREAM, 5);
  pthread_t t;
  pthread_create(&t, NULL, blocked_accept, NULL);
  dt_sleep_ms(100);
  shutdown(server, SHUT_RDWR);
  void *got;
  pthread_join(t, &got);
  printf("blocked accept: %s\n", ename(-(int)(long)got));
}

static void no_descriptor(void) {
  int s = listener(SOCK_STREAM, 5);
  int c = client(0);
  CONNECT(c);
  struct rlimit old, few;
  getrlimit(RLIMIT_NOFILE, &old);
  few = old;
  few.rlim_cur = c + 1;
  for (int fd = 3; fd < c; fd++) dup2(s, fd);
  setrlimit(RLIMIT_NOFILE, &few);
  OK(accept(c - 1, NULL, NULL));
  setrlimit(RLIMIT_NOFILE, &old);
  OK(accept(c - 1, NULL, NULL));
}

int main(void) {
  dt_start(30);
  limits();
  blocking();
  addresses();
  shut();
  woken();
  dt_in_child("no descriptor left", no_descriptor);
  return 0;
}
