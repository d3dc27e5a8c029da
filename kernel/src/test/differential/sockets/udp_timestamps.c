/* When a datagram came (SO_TIMESTAMP and kin), and errors that are queued (IP_RECVERR, MSG_ERRQUEUE). */
#include "../difftest.h"
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static int in, out;
static struct sockaddr_in name;

/* Whether a time is one of the last ten seconds. */
static int recent(long seconds) {
  long now = time(NULL);
  return seconds <= now + 1 && seconds >= now - 10;
}

static void next(const char *what, int s, int flags) {
  char data[32] = {0};
  _Alignas(8) char control[256];
  struct sockaddr_in6 from;
  struct iovec iov = {data, sizeof data};
  struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  errno = 0;
  ssize_t n = recvmsg(s, &m, flags | MSG_DONTWAIT);
  if (n < 0) {
    printf("%s: %s\n", what, ename(errno));
    return;
  }
  if (flags & MSG_ERRQUEUE) printf("%s: name %u bytes, flags %#x\n", what, m.msg_namelen, m.msg_flags);
  else printf("%s: %.*s, flags %#x, control %zu\n", what, (int)n, data, m.msg_flags, m.msg_controllen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    printf("  level %d type %d length %zu", c->cmsg_level, c->cmsg_type, c->cmsg_len);
    long *w = (long *)CMSG_DATA(c);
    if (c->cmsg_level == SOL_SOCKET) {
      printf(" recent %d", recent(w[0]));
    } else if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) || (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
      struct sock_extended_err *e = (void *)CMSG_DATA(c);
      struct sockaddr_in *o = (void *)SO_EE_OFFENDER(e);
      printf(" errno %s origin %d type %d code %d info %u data %u offender family %d", ename(e->ee_errno), e->ee_origin, e->ee_type, e->ee_code, e->ee_info, e->ee_data, o->sin_family);
    }
    putchar('\n');
  }
}

static void say(const char *text) { MUST(sendto(out, text, strlen(text), 0, (void *)&name, sizeof name)); }

static void set(int option, int value) {
  printf("set %d to %#x: ", option, value);
  errno = 0;
  int r = setsockopt(in, SOL_SOCKET, option, &value, sizeof value);
  printf("%d %s\n", r, ename(errno));
  /* Linux begins to look at the clock a little later. */
  if (value) dt_sleep_ms(100);
}

static void get(int option) {
  int v[4] = {-1, -1, -1, -1};
  socklen_t n = sizeof v;
  errno = 0;
  int r = getsockopt(in, SOL_SOCKET, option, v, &n);
  printf("get %d: %d %s, %u bytes %#x\n", option, r, ename(errno), n, v[0]);
}

static void times(void) {
  say("none");
  next("none wanted", in, 0);
  set(SO_TIMESTAMPNS, 1);
  say("ns");
  next("nanoseconds", in, 0);
  set(SO_TIMESTAMP, 1);
  get(SO_TIMESTAMP), get(SO_TIMESTAMPNS);
  int on = 1;
  MUST(setsockopt(in, SOL_IP, IP_RECVTTL, &on, sizeof on));
  say("us");
  next("microseconds, before others", in, 0);
  MUST(setsockopt(in, SOL_IP, IP_RECVTTL, &(int){0}, sizeof on));
  set(SO_TIMESTAMP, 0);
  get(SO_TIMESTAMP);
  say("off");
  next("off", in, 0);
  set(64, 1); /* SO_TIMESTAMPNS_NEW */
  say("new");
  next("new", in, 0);
  set(64, 0);
  set(SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
  get(SO_TIMESTAMPING);
  say("ing");
  next("timestamping", in, 0);
  set(SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE);
  say("quiet");
  next("noted, not told", in, 0);
  set(SO_TIMESTAMPING, 1 << 25);
  set(SO_TIMESTAMPING, 0);
}

static void errors(int family) {
  printf("-- errors of family %d\n", family);
  int s = MUST(socket(family, SOCK_DGRAM, 0));
  int on = 1;
  MUST(setsockopt(s, family == AF_INET ? SOL_IP : SOL_IPV6, family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &on, sizeof on));
  next("nothing", s, MSG_ERRQUEUE);
  /* A port that nobody has. */
  int free_port = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 any = {.sin6_family = AF_INET6};
  MUST(bind(free_port, (void *)&any, sizeof any));
  socklen_t n = sizeof any;
  MUST(getsockname(free_port, (void *)&any, &n));
  close(free_port);
  six.sin6_port = four.sin_port = any.sin6_port;
  if (family == AF_INET) MUST(sendto(s, "x", 1, 0, (void *)&four, sizeof four));
  else MUST(sendto(s, "x", 1, 0, (void *)&six, sizeof six));
  struct pollfd p = {s, 0, 0};
  poll(&p, 1, 2000);
  printf("poll %#x\n", p.revents);
  char b[4];
  SHOW(recv(s, b, 4, MSG_DONTWAIT));
  next("error", s, MSG_ERRQUEUE);
  next("no more", s, MSG_ERRQUEUE);
  close(s);
}

int main(void) {
  dt_start(30);
  in = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  out = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  MUST(bind(in, (void *)&name, sizeof name));
  socklen_t n = sizeof name;
  MUST(getsockname(in, (void *)&name, &n));
  times();
  errors(AF_INET);
  errors(AF_INET6);
  int v = 1;
  SHOW(setsockopt(in, SOL_IP, IP_RECVOPTS, &v, sizeof v));
  SHOW(setsockopt(in, SOL_IP, IP_RETOPTS, &v, sizeof v));
  v = 0;
  n = sizeof v;
  SHOW(getsockopt(in, SOL_IP, IP_RETOPTS, &v, &n));
  printf("%d\n", v);
}
