/* Socket calls with arguments at random from three threads: nothing dies, hangs or is left waiting. */
#include "difftest.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ROUNDS 6000

/* Whatever the kernel may write to. */
static struct { char pool[1 << 20], guard[1 << 20]; } mem;
static _Thread_local unsigned long seed;

static unsigned long rnd(void) {
  seed = seed * 6364136223846793005UL + 1442695040888963407UL;
  return seed >> 33;
}

static long value(void) {
  switch (rnd() % 12) {
    case 0: return 0;
    case 1: return -1;
    case 2: return rnd() % 64;
    case 3: return (long)mem.pool + rnd() % sizeof mem.pool;
    case 4: return 1L << rnd() % 63;
    case 5: return 8;
    case 6: return 0x7fffffff;
    case 7: return -(long)(rnd() % 100);
    case 8: return 0xffff800000000000UL + rnd();
    case 9: return rnd() % 300;
    default: return (long)mem.pool + (rnd() % 64) * 128;
  }
}

static int fd(void) { return rnd() % 10 == 0 ? (int)value() : (int)(3 + rnd() % 60); }

static void address(char *p) {
  struct sockaddr_un *u = (void *)p;
  struct sockaddr_in *in = (void *)p;
  struct sockaddr_in6 *in6 = (void *)p;
  switch (rnd() % 4) {
    case 0:
      u->sun_family = AF_UNIX;
      u->sun_path[0] = 0;
      u->sun_path[1] = 'a' + rnd() % 4;
      break;
    case 1:
      *in = (struct sockaddr_in){AF_INET, htons(5000 + rnd() % 8), {htonl(INADDR_LOOPBACK)}, {0}};
      break;
    case 2:
      memset(in6, 0, sizeof *in6);
      in6->sin6_family = AF_INET6;
      in6->sin6_port = htons(5000 + rnd() % 8);
      in6->sin6_addr = in6addr_loopback;
      break;
    default:
      memset(p, 0, 12);
      u->sun_family = AF_NETLINK;
  }
}

static void message(char *p) {
  struct msghdr *m = (void *)p;
  struct iovec *v = (void *)(p + 256);
  memset(m, 0, sizeof *m);
  int n = rnd() % 4;
  for (int i = 0; i < n; i++) {
    v[i].iov_base = rnd() % 8 ? mem.pool + rnd() % 1000 : (void *)value();
    v[i].iov_len = rnd() % 8 ? rnd() % 5000 : (unsigned long)value();
  }
  m->msg_iov = v;
  m->msg_iovlen = rnd() % 8 ? (unsigned long)n : (unsigned long)value();
  if (rnd() % 2) {
    address(p + 400);
    m->msg_name = p + 400;
    m->msg_namelen = rnd() % 4 ? 28 : value();
  }
  if (rnd() % 2) {
    struct cmsghdr *c = (void *)(p + 600);
    int k = rnd() % 8;
    c->cmsg_len = rnd() % 8 ? CMSG_LEN(k * 4) : (unsigned long)value();
    c->cmsg_level = rnd() % 8 ? SOL_SOCKET : value();
    c->cmsg_type = rnd() % 8 ? 1 + rnd() % 2 : (unsigned long)value();
    for (int i = 0; i < k; i++) ((int *)CMSG_DATA(c))[i] = fd();
    m->msg_control = c;
    m->msg_controllen = rnd() % 4 ? CMSG_SPACE(k * 4) : (unsigned long)value();
  }
}

static const int levels[] = {0, 6, 17, 41, 270};
static const int sizes[] = {4, 16, 28, 12};

static void transfer(char *p) {
  int quiet = MSG_NOSIGNAL | MSG_DONTWAIT;
  switch (rnd() % 8) {
    case 0:
      address(p);
      raw6(SYS_sendto, fd(), value(), rnd() % 4 ? (long)(rnd() % 70000) : value(), quiet, rnd() % 2 ? (long)p : 0, 28);
      break;
    case 1:
    case 2:
      raw6(SYS_recvfrom, fd(), value(), rnd() % 4 ? (long)(rnd() % 70000) : value(),
           MSG_DONTWAIT | (rnd() % 4 ? 0 : value()), rnd() % 2 ? 0 : value(), value());
      break;
    case 3:
    case 4:
      message(p);
      raw3(SYS_sendmsg, fd(), p, quiet | (rnd() % 8 ? 0 : value()));
      break;
    case 5:
      message(p);
      raw3(SYS_recvmsg, fd(), p, MSG_DONTWAIT | (rnd() % 8 ? 0 : value()));
      break;
    case 6: raw4(SYS_sendmmsg, fd(), value(), rnd() % 5, quiet); break;
    default: raw5(SYS_recvmmsg, fd(), value(), rnd() % 5, MSG_DONTWAIT, 0);
  }
}

static void once(void) {
  char *p = mem.pool + (rnd() % 256) * 2048;
  static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
  static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW};
  switch (rnd() % 20) {
    case 0: socket(families[rnd() % 4], types[rnd() % 4] | SOCK_NONBLOCK, rnd() % 10 ? 0 : value()); break;
    case 1: socketpair(AF_UNIX, types[rnd() % 3] | SOCK_NONBLOCK, 0, (int *)p); break;
    case 2: address(p); raw3(SYS_bind, fd(), p, rnd() % 4 ? sizes[rnd() % 4] : value()); break;
    case 3: listen(fd(), value()); break;
    case 4: raw4(SYS_accept4, fd(), rnd() % 2 ? 0 : value(), rnd() % 2 ? (long)p : value(), SOCK_NONBLOCK); break;
    case 5:
    case 6: address(p); raw3(SYS_connect, fd(), p, rnd() % 4 ? sizes[rnd() % 4] : value()); break;
    case 7: raw3(SYS_getsockname, fd(), value(), rnd() % 2 ? (long)p : value()); break;
    case 8: raw3(SYS_getpeername, fd(), value(), rnd() % 2 ? (long)p : value()); break;
    case 9: shutdown(fd(), rnd() % 4); break;
    case 10:
      raw5(SYS_setsockopt, fd(), rnd() % 2 ? 1 : levels[rnd() % 5], rnd() % 70, value(), rnd() % 2 ? 4 + rnd() % 20 : (unsigned long)value());
      break;
    case 11:
      *(int *)p = rnd() % 2 ? 100 : value();
      raw5(SYS_getsockopt, fd(), rnd() % 2 ? 1 : levels[rnd() % 5], rnd() % 70, value(), p);
      break;
    case 12: if (rnd() % 3 == 0) close(3 + rnd() % 60); break;
    case 13: {
      static const int requests[] = {0x541b, 0x5411, 0x8912, 0x8913, 0x8905, 0x8933, 0x894b};
      raw3(SYS_ioctl, fd(), requests[rnd() % 7], value());
      break;
    }
    case 14: {
      struct pollfd q[4];
      for (int i = 0; i < 4; i++) q[i] = (struct pollfd){fd(), 0x3fff, 0};
      poll(q, 4, 0);
      break;
    }
    default: transfer(p);
  }
}

static void *run(void *arg) {
  seed = (unsigned long)arg;
  for (int i = 0; i < ROUNDS; i++) once();
  return NULL;
}

int main(void) {
  dt_start(50);
  signal(SIGPIPE, SIG_IGN);
  pthread_t t[3];
  for (long i = 0; i < 3; i++) pthread_create(t + i, NULL, run, (void *)(i * 77 + 5));
  for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);
  puts("done");
  return 0;
}
