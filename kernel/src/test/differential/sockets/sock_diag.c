/* NETLINK_SOCK_DIAG (sock_diag(7)): what ss(8) asks, about sockets of this program; and that /proc/net agrees. */
#include "../difftest.h"
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int nl;
static char answer[1 << 20];

static unsigned inode(int fd) {
  struct stat s;
  MUST(fstat(fd, &s));
  return s.st_ino;
}

static void ask(void *request, int length, int flags) {
  struct {
    struct nlmsghdr h;
    char body[128];
  } m = {.h = {.nlmsg_len = NLMSG_LENGTH(length), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
               .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = 7}};
  memcpy(m.body, request, length);
  MUST(send(nl, &m, m.h.nlmsg_len, 0));
}

static int same_port(const void *a, int port) {
  return memcmp(a, &port, 2) == 0;
}

static void inet_message(struct nlmsghdr *h, int sport, unsigned ino) {
  struct inet_diag_msg *d = NLMSG_DATA(h);
  if (!same_port(&d->id.idiag_sport, sport) || (ino && d->idiag_inode != ino)) return;
  printf("  family %d state %d rqueue %u wqueue %u uid %u inode %d peer %d if %u\n", d->idiag_family, d->idiag_state,
         d->idiag_rqueue, d->idiag_state == TCP_ESTABLISHED ? 0 : d->idiag_wqueue, d->idiag_uid, d->idiag_inode != 0,
         d->id.idiag_dport != 0, d->id.idiag_if);
  char a[64];
  printf("  from %s", inet_ntop(d->idiag_family, d->id.idiag_src, a, sizeof a));
  printf(" to %s\n", inet_ntop(d->idiag_family, d->id.idiag_dst, a, sizeof a));
  int left = h->nlmsg_len - NLMSG_LENGTH(sizeof *d);
  for (struct nlattr *t = (void *)(d + 1); left >= (int)sizeof *t; left -= NLA_ALIGN(t->nla_len), t = (void *)((char *)t + NLA_ALIGN(t->nla_len))) {
    void *v = t + 1;
    switch (t->nla_type) {
      case INET_DIAG_SHUTDOWN: printf("  shutdown %d\n", *(unsigned char *)v); break;
      case INET_DIAG_TOS: printf("  tos %d\n", *(unsigned char *)v); break;
      case INET_DIAG_TCLASS: printf("  tclass %d\n", *(unsigned char *)v); break;
      case INET_DIAG_SKV6ONLY: printf("  v6only %d\n", *(unsigned char *)v); break;
      case INET_DIAG_PROTOCOL: printf("  protocol %d\n", *(unsigned char *)v); break;
      case INET_DIAG_MEMINFO: printf("  meminfo %d: %u\n", t->nla_len, *(unsigned *)v); break;
      case INET_DIAG_SKMEMINFO: printf("  skmeminfo %d: %u\n", t->nla_len, *(unsigned *)v); break;
      case INET_DIAG_INFO: printf("  info of state %d\n", ((struct tcp_info *)v)->tcpi_state); break;
      case INET_DIAG_CONG: printf("  congestion %d\n", strlen(v) > 1); break;
    }
  }
}

static void unix_message(struct nlmsghdr *h, unsigned ino) {
  struct unix_diag_msg *d = NLMSG_DATA(h);
  if (d->udiag_ino != ino) return;
  printf("  family %d type %d state %d\n", d->udiag_family, d->udiag_type, d->udiag_state);
  int left = h->nlmsg_len - NLMSG_LENGTH(sizeof *d);
  for (struct nlattr *t = (void *)(d + 1); left >= (int)sizeof *t; left -= NLA_ALIGN(t->nla_len), t = (void *)((char *)t + NLA_ALIGN(t->nla_len))) {
    char *v = (void *)(t + 1);
    unsigned *w = (void *)v;
    switch (t->nla_type) {
      case UNIX_DIAG_NAME: printf("  name %d bytes, first %d, then %.*s\n", t->nla_len - 4, v[0], 8, v + 1); break;
      case UNIX_DIAG_PEER: printf("  peer %d\n", *w != 0); break;
      case UNIX_DIAG_ICONS: printf("  waiting %d\n", (t->nla_len - 4) / 4); break;
      case UNIX_DIAG_RQLEN: printf("  queues %u %u\n", w[0], w[1]); break;
      case UNIX_DIAG_SHUTDOWN: printf("  shutdown %d\n", *(unsigned char *)v); break;
      case UNIX_DIAG_MEMINFO: printf("  meminfo %d bytes, buffers %u %u\n", t->nla_len - 4, w[1], w[3]); break;
      case UNIX_DIAG_UID: printf("  uid %u\n", *w); break;
      case UNIX_DIAG_VFS: printf("  file %d\n", w[0] != 0); break;
    }
  }
}

/* Reads the whole answer; only messages about the one socket are shown. */
static void show(const char *what, int dump, int sport, unsigned ino, bool is_unix) {
  printf("%s\n", what);
  for (;;) {
    ssize_t n = MUST(recv(nl, answer, sizeof answer, 0));
    for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
      if (h->nlmsg_type == NLMSG_DONE) {
        int e = *(int *)NLMSG_DATA(h);
        if (e) printf("  done: %s\n", ename(-e));
        return;
      }
      if (h->nlmsg_type == NLMSG_ERROR) {
        printf("  error %s\n", ename(-((struct nlmsgerr *)NLMSG_DATA(h))->error));
        return;
      }
      if (is_unix) unix_message(h, ino);
      else inet_message(h, sport, ino);
      if (!dump) return;
    }
  }
}

static void inet_dump(const char *what, int family, int protocol, unsigned states, int ext, int sport, unsigned ino) {
  struct inet_diag_req_v2 r = {.sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = states, .idiag_ext = ext};
  ask(&r, sizeof r, NLM_F_DUMP);
  show(what, 1, sport, ino, false);
}

static void unix_dump(const char *what, unsigned states, int fd) {
  struct unix_diag_req r = {.sdiag_family = AF_UNIX, .udiag_states = states,
                            .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_ICONS |
                                          UDIAG_SHOW_VFS | UDIAG_SHOW_MEMINFO | UDIAG_SHOW_UID};
  ask(&r, sizeof r, NLM_F_DUMP);
  show(what, 1, 0, inode(fd), true);
}

static int port_of(int s) {
  struct sockaddr_in6 a;
  socklen_t n = sizeof a;
  MUST(getsockname(s, (void *)&a, &n));
  return a.sin6_port;
}

/* The state and inode that a table of /proc/net has for a port. */
static void proc(const char *table, int port, unsigned ino) {
  char path[64], line[400];
  snprintf(path, sizeof path, "/proc/net/%s", table);
  FILE *f = fopen(path, "r");
  int found = 0;
  while (f && fgets(line, sizeof line, f)) {
    unsigned lport, state, uid, n;
    if (sscanf(line, " %*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %u %*u %u", &lport, &state, &uid, &n) == 4 &&
        (int)lport == ntohs(port) && n == ino) {
      printf("/proc/net/%s: state %u uid %u\n", table, state, uid);
      found = 1;
    }
  }
  if (f) fclose(f);
  if (!found) printf("/proc/net/%s: nothing\n", table);
}

static void tcp(int family) {
  printf("-- TCP of family %d\n", family);
  struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  void *a = family == AF_INET6 ? (void *)&a6 : (void *)&a4;
  socklen_t n = family == AF_INET6 ? sizeof a6 : sizeof a4;
  int l = MUST(socket(family, SOCK_STREAM, 0));
  MUST(bind(l, a, n));
  inet_dump("bound only", family, IPPROTO_TCP, 0xfff, 0, port_of(l), 0);
  MUST(listen(l, 5));
  MUST(getsockname(l, a, &n));
  int port = port_of(l);
  const char *table = family == AF_INET6 ? "tcp6" : "tcp";
  int all = 1 << (INET_DIAG_MEMINFO - 1) | 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1) |
            1 << (INET_DIAG_SKMEMINFO - 1) | 1 << (INET_DIAG_TOS - 1) | 1 << (INET_DIAG_TCLASS - 1);
  inet_dump("listening", family, IPPROTO_TCP, 1 << TCP_LISTEN, all, port, 0);
  inet_dump("listening, asked for established ones", family, IPPROTO_TCP, 1 << TCP_ESTABLISHED, all, port, 0);
  proc(table, port, inode(l));
  int c = MUST(socket(family, SOCK_STREAM, 0));
  MUST(connect(c, a, n));
  dt_sleep_ms(50);
  inet_dump("listening, one waits", family, IPPROTO_TCP, 1 << TCP_LISTEN, 0, port, 0);
  inet_dump("not accepted", family, IPPROTO_TCP, 1 << TCP_ESTABLISHED, 0, port, 0);
  int s = MUST(accept(l, NULL, NULL));
  MUST(write(c, "hello", 5));
  dt_sleep_ms(50);
  inet_dump("established", family, IPPROTO_TCP, 1 << TCP_ESTABLISHED, all & ~(1 << (INET_DIAG_MEMINFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1)), port, inode(s));
  proc(table, port, inode(s));
  inet_dump("client", family, IPPROTO_TCP, 1 << TCP_ESTABLISHED, 0, port_of(c), inode(c));
  struct inet_diag_req_v2 r = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = -1,
                               .id = {.idiag_sport = port, .idiag_dport = port_of(c), .idiag_cookie = {-1, -1}}};
  if (family == AF_INET6) r.id.idiag_src[3] = r.id.idiag_dst[3] = htonl(1);
  else r.id.idiag_src[0] = r.id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
  ask(&r, sizeof r, 0);
  show("one", 0, port, 0, false);
  r.id.idiag_cookie[0] = 0x7ffffff0, r.id.idiag_cookie[1] = 5;
  ask(&r, sizeof r, 0);
  show("another cookie", 0, port, 0, false);
  r.id.idiag_sport = htons(1);
  ask(&r, sizeof r, 0);
  show("no such one", 0, port, 0, false);
  MUST(shutdown(c, SHUT_WR));
  dt_sleep_ms(50);
  inet_dump("after the other's end", family, IPPROTO_TCP, 1 << TCP_CLOSE_WAIT, 0, port, inode(s));
  inet_dump("half closed", family, IPPROTO_TCP, 1 << TCP_FIN_WAIT2, 0, port_of(c), inode(c));
  int cport = port_of(c);
  char b[16];
  MUST(read(s, b, sizeof b));
  close(s);
  dt_sleep_ms(50);
  close(c);
  inet_dump("waiting", family, IPPROTO_TCP, 1 << TCP_TIME_WAIT, all, cport, 0);
  close(l);
  inet_dump("listener gone", family, IPPROTO_TCP, 1 << TCP_LISTEN, 0, port, 0);
}

static void udp(void) {
  puts("-- UDP");
  int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  MUST(bind(s, (void *)&a, sizeof a));
  int port = port_of(s);
  int all = 1 << (INET_DIAG_MEMINFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1);
  inet_dump("bound", AF_INET, IPPROTO_UDP, 0xfff, all, port, 0);
  inet_dump("bound, asked for established ones", AF_INET, IPPROTO_UDP, 1 << TCP_ESTABLISHED, 0, port, 0);
  a.sin_port = port;
  MUST(connect(s, (void *)&a, sizeof a));
  MUST(send(s, "hello", 5, 0));
  MUST(send(s, "again", 5, 0));
  inet_dump("connected, two wait", AF_INET, IPPROTO_UDP, 1 << TCP_ESTABLISHED, all, port, 0);
  proc("udp", port, inode(s));
  unsigned m[9];
  socklen_t n = sizeof m;
  SHOW(getsockopt(s, SOL_SOCKET, SO_MEMINFO, m, &n));
  printf("length %u received %u of %u, sending limit %u, drops %u\n", n, m[0], m[1], m[3], m[8]);
  unsigned long long cookie = 0, again = 0;
  n = sizeof cookie;
  SHOW(getsockopt(s, SOL_SOCKET, SO_COOKIE, &cookie, &n));
  SHOW(getsockopt(s, SOL_SOCKET, SO_COOKIE, &again, &n));
  printf("cookie %d same %d\n", cookie != 0, cookie == again);
  close(s);
  inet_dump("closed", AF_INET, IPPROTO_UDP, 0xfff, 0, port, 0);
}

static void raw(void) {
  puts("-- raw");
  int s = MUST(socket(AF_INET, SOCK_RAW, 253));
  proc("raw", htons(253), inode(s));
  close(s);
}

static void local(void) {
  puts("-- AF_UNIX");
  int p[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  unix_dump("pair", -1, p[0]);
  MUST(write(p[1], "hello", 5));
  MUST(shutdown(p[1], SHUT_WR));
  unix_dump("with data", 1 << TCP_ESTABLISHED, p[0]);
  unix_dump("not in this state", 1 << TCP_LISTEN, p[0]);
  int l = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  snprintf(a.sun_path + 1, 20, "diag-%d", getpid());
  memset(a.sun_path + 1, 'd', 8);
  MUST(bind(l, (void *)&a, 2 + 1 + 12));
  unix_dump("bound", -1, l);
  MUST(listen(l, 3));
  int c = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  MUST(connect(c, (void *)&a, 2 + 1 + 12));
  unix_dump("listening", 1 << TCP_LISTEN, l);
  unix_dump("client", 1 << TCP_ESTABLISHED, c);
  int s = MUST(accept(l, NULL, NULL));
  unix_dump("accepted", 1 << TCP_ESTABLISHED, s);
  close(c);
  unix_dump("whose client is gone", -1, s);
  struct unix_diag_req r = {.sdiag_family = AF_UNIX, .udiag_ino = inode(p[0]), .udiag_show = UDIAG_SHOW_PEER, .udiag_cookie = {-1, -1}};
  ask(&r, sizeof r, 0);
  show("one", 0, 0, inode(p[0]), true);
  r.udiag_ino = 0x7fffffff;
  ask(&r, sizeof r, 0);
  show("no such one", 0, 0, 1, true);
  r.udiag_ino = 0;
  ask(&r, sizeof r, 0);
  show("none", 0, 0, 1, true);
}

static void errors(void) {
  puts("-- errors");
  struct inet_diag_req_v2 r = {.sdiag_family = AF_INET, .sdiag_protocol = 254, .idiag_states = -1};
  ask(&r, sizeof r, NLM_F_DUMP);
  show("protocol", 1, 0, 0, false);
  r.sdiag_family = 200;
  ask(&r, sizeof r, NLM_F_DUMP);
  show("family", 1, 0, 0, false);
  r.sdiag_family = AF_INET;
  ask(&r, 20, NLM_F_DUMP);
  show("short", 1, 0, 0, false);
  SHOW(socket(AF_NETLINK, SOCK_RAW, 99));
}

int main(void) {
  dt_start(30);
  nl = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  tcp(AF_INET);
  tcp(AF_INET6);
  udp();
  raw();
  local();
  errors();
}
