/* What rtnetlink(7) changes on the loopback: up and down, addresses, routes, errors, and who is told. In a network name
   space of its own where there are any; elsewhere the loopback is put back at the end. */
#include "../difftest.h"
#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int nl, monitor;

static struct {
  struct nlmsghdr h;
  char body[512];
} q;

static void begin(int type, int flags, void *body, int length) {
  memset(&q, 0, sizeof q);
  q.h = (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH(length), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = 5};
  memcpy(q.body, body, length);
}

static void add(int type, const void *data, int length) {
  struct rtattr *a = (void *)((char *)&q + NLMSG_ALIGN(q.h.nlmsg_len));
  a->rta_type = type, a->rta_len = RTA_LENGTH(length);
  memcpy(RTA_DATA(a), data, length);
  q.h.nlmsg_len = NLMSG_ALIGN(q.h.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

static void add_word(int type, int value) { add(type, &value, 4); }

static void add_ip(int type, const char *text) {
  unsigned char b[16];
  if (inet_pton(AF_INET, text, b) == 1) add(type, b, 4);
  else if (inet_pton(AF_INET6, text, b) == 1) add(type, b, 16);
  else exit(98);
}

static void go(const char *what) {
  q.h.nlmsg_flags |= NLM_F_ACK;
  MUST(send(nl, &q, q.h.nlmsg_len, 0));
  char b[8192];
  ssize_t n = MUST(recv(nl, b, sizeof b, 0));
  struct nlmsghdr *h = (void *)b;
  if (NLMSG_OK(h, n) && h->nlmsg_type == NLMSG_ERROR) printf("%s: %s\n", what, ename(-((struct nlmsgerr *)NLMSG_DATA(h))->error));
  else printf("%s: message %d\n", what, h->nlmsg_type);
}

static const char *text(int family, void *data) {
  static char b[4][64];
  static int i;
  i = (i + 1) & 3;
  return inet_ntop(family, data, b[i], 64);
}

static void tell(struct nlmsghdr *h, const char *prefix) {
  if (h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_DELADDR) {
    struct ifaddrmsg *m = NLMSG_DATA(h);
    int left = IFA_PAYLOAD(h);
    for (struct rtattr *a = IFA_RTA(m); RTA_OK(a, left); a = RTA_NEXT(a, left))
      if (a->rta_type == (m->ifa_family == AF_INET ? IFA_LOCAL : IFA_ADDRESS))
        printf("%s%s address %s/%d\n", prefix, h->nlmsg_type == RTM_NEWADDR ? "new" : "deleted",
               text(m->ifa_family, RTA_DATA(a)), m->ifa_prefixlen);
  } else if (h->nlmsg_type == RTM_NEWROUTE || h->nlmsg_type == RTM_DELROUTE) {
    struct rtmsg *m = NLMSG_DATA(h);
    if (m->rtm_table != RT_TABLE_MAIN || m->rtm_family != AF_INET) return;
    int left = RTM_PAYLOAD(h), metric = 0;
    const char *to = "default", *by = "", *from = "";
    for (struct rtattr *a = RTM_RTA(m); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
      if (a->rta_type == RTA_DST) to = text(m->rtm_family, RTA_DATA(a));
      if (a->rta_type == RTA_GATEWAY) by = text(m->rtm_family, RTA_DATA(a));
      if (a->rta_type == RTA_PREFSRC) from = text(m->rtm_family, RTA_DATA(a));
      if (a->rta_type == RTA_PRIORITY) metric = *(int *)RTA_DATA(a);
    }
    printf("%s%s route %s/%d by %s from %s metric %d scope %d\n", prefix, h->nlmsg_type == RTM_NEWROUTE ? "new" : "deleted", to,
           m->rtm_dst_len, by, from, metric, m->rtm_scope);
  }
}

/* What the groups were told of addresses. */
static void heard(void) {
  char b[8192];
  for (;;) {
    struct sockaddr_nl from;
    socklen_t length = sizeof from;
    ssize_t n = recvfrom(monitor, b, sizeof b, MSG_DONTWAIT, (void *)&from, &length);
    if (n < 0) break;
    for (struct nlmsghdr *h = (void *)b; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n))
      if (h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_DELADDR) {
        /* IPv6 tells of an address again when it has found that nobody else has it. */
        static int tentative;
        if (((struct ifaddrmsg *)NLMSG_DATA(h))->ifa_family == AF_INET6 && tentative++) continue;
        printf("  heard by group %#x: ", from.nl_groups);
        tell(h, "");
      }
  }
}

static void dump(int type) {
  struct rtgenmsg g = {.rtgen_family = AF_INET};
  struct rtmsg m = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN};
  if (type == RTM_GETROUTE) begin(type, NLM_F_DUMP, &m, sizeof m);
  else begin(type, NLM_F_DUMP, &g, sizeof g);
  MUST(send(nl, &q, q.h.nlmsg_len, 0));
  static char b[65536];
  for (;;) {
    ssize_t n = MUST(recv(nl, b, sizeof b, 0));
    for (struct nlmsghdr *h = (void *)b; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
      if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) return;
      tell(h, "  ");
    }
  }
}

static void set_link(const char *what, int index, int flags, int mask) {
  struct ifinfomsg m = {.ifi_index = index, .ifi_flags = flags, .ifi_change = mask};
  begin(RTM_NEWLINK, 0, &m, sizeof m);
  go(what);
}

static void address(const char *what, int type, int flags, const char *ip, int prefix, int index) {
  struct ifaddrmsg m = {.ifa_family = strchr(ip, ':') ? AF_INET6 : AF_INET, .ifa_prefixlen = prefix, .ifa_index = index};
  begin(type, flags, &m, sizeof m);
  add_ip(IFA_LOCAL, ip);
  add_ip(IFA_ADDRESS, ip);
  go(what);
}

static void route(const char *what, int type, int flags, const char *to, int length, const char *by, int oif, const char *from, int metric) {
  struct rtmsg m = {.rtm_family = AF_INET, .rtm_dst_len = length, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT,
                    .rtm_scope = by ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK, .rtm_type = RTN_UNICAST};
  if (type == RTM_DELROUTE) m.rtm_scope = RT_SCOPE_NOWHERE, m.rtm_protocol = 0, m.rtm_type = 0;
  begin(type, flags, &m, sizeof m);
  if (to) add_ip(RTA_DST, to);
  if (by) add_ip(RTA_GATEWAY, by);
  if (oif) add_word(RTA_OIF, oif);
  if (from) add_ip(RTA_PREFSRC, from);
  if (metric) add_word(RTA_PRIORITY, metric);
  go(what);
}

static int reach(const char *ip) {
  int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9)};
  inet_pton(AF_INET, ip, &a.sin_addr);
  errno = 0;
  int r = connect(s, (void *)&a, sizeof a);
  socklen_t n = sizeof a;
  getsockname(s, (void *)&a, &n);
  printf("to %s: %s from %s\n", ip, ename(r ? errno : 0), r ? "" : text(AF_INET, &a.sin_addr));
  close(s);
  return r;
}

static int interface_flags(void) {
  int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct ifreq r = {.ifr_name = "lo"};
  MUST(ioctl(s, SIOCGIFFLAGS, &r));
  int flags = r.ifr_flags;
  MUST(ioctl(s, SIOCGIFMTU, &r));
  printf("flags %#x mtu %d\n", flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING), r.ifr_mtu);
  close(s);
  return flags;
}

#define NEW (NLM_F_CREATE | NLM_F_EXCL)

static void addresses(void) {
  puts("-- addresses");
  dump(RTM_GETADDR);
  address("new", RTM_NEWADDR, NEW, "10.77.0.1", 24, 1);
  heard();
  address("again", RTM_NEWADDR, NEW, "10.77.0.1", 24, 1);
  address("IPv6", RTM_NEWADDR, NEW, "fd77::1", 64, 1);
  heard();
  address("nowhere", RTM_NEWADDR, NEW, "10.78.0.1", 24, 4711);
  address("too long", RTM_NEWADDR, NEW, "10.78.0.1", 33, 1);
  address("delete another length", RTM_DELADDR, 0, "10.77.0.1", 25, 1);
  address("delete what is not there", RTM_DELADDR, 0, "10.77.0.9", 24, 1);
  dump(RTM_GETADDR);
  dump(RTM_GETROUTE);
  reach("10.77.0.1"), reach("10.77.0.200"), reach("10.88.0.1");
}

static void routes(void) {
  puts("-- routes");
  route("new", RTM_NEWROUTE, NEW, "10.88.0.0", 16, NULL, 1, NULL, 0);
  route("again", RTM_NEWROUTE, NEW, "10.88.0.0", 16, NULL, 1, NULL, 0);
  route("another metric", RTM_NEWROUTE, NEW, "10.88.0.0", 16, NULL, 1, "10.77.0.1", 50);
  route("host bits", RTM_NEWROUTE, NEW, "10.89.0.1", 16, NULL, 1, NULL, 0);
  route("gateway out of reach", RTM_NEWROUTE, NEW, "10.90.0.0", 16, "10.91.0.1", 1, NULL, 0);
  route("gateway that is oneself", RTM_NEWROUTE, NEW, "10.90.0.0", 16, "10.77.0.1", 1, NULL, 0);
  route("gateway", RTM_NEWROUTE, NEW, "10.90.0.0", 16, "10.88.0.1", 1, NULL, 0);
  route("source of somebody else", RTM_NEWROUTE, NEW, "10.92.0.0", 16, NULL, 1, "10.93.0.1", 0);
  route("no interface", RTM_NEWROUTE, NEW, "10.92.0.0", 16, NULL, 4711, NULL, 0);
  route("neither", RTM_NEWROUTE, NEW, "10.92.0.0", 16, NULL, 0, NULL, 0);
  route("change what is not there", RTM_NEWROUTE, NLM_F_REPLACE, "10.92.0.0", 16, NULL, 1, NULL, 0);
  route("replace", RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, "10.88.0.0", 16, NULL, 1, "10.77.0.1", 0);
  route("default", RTM_NEWROUTE, NEW, NULL, 0, "10.77.0.9", 1, NULL, 7);
  dump(RTM_GETROUTE);
  reach("10.88.0.1"), reach("10.90.0.1"), reach("192.0.2.1");
  route("delete", RTM_DELROUTE, 0, "10.90.0.0", 16, NULL, 0, NULL, 0);
  route("delete again", RTM_DELROUTE, 0, "10.90.0.0", 16, NULL, 0, NULL, 0);
  route("delete by another gateway", RTM_DELROUTE, 0, NULL, 0, "10.77.0.8", 0, NULL, 0);
  route("delete by metric", RTM_DELROUTE, 0, "10.88.0.0", 16, NULL, 0, NULL, 50);
  dump(RTM_GETROUTE);
}

static void links(void) {
  puts("-- links");
  struct ifinfomsg m = {.ifi_index = 1};
  begin(RTM_NEWLINK, 0, &m, sizeof m);
  add_word(IFLA_MTU, 9000);
  go("MTU");
  interface_flags();
  begin(RTM_NEWLINK, 0, &m, sizeof m);
  add_word(IFLA_MTU, -1);
  go("bad MTU");
  begin(RTM_NEWLINK, 0, &m, sizeof m);
  add_word(IFLA_MTU, 65536);
  go("MTU again");
  begin(RTM_NEWLINK, 0, &m, sizeof m);
  add(IFLA_IFNAME, "a/b", 4);
  go("bad name");
  set_link("nothing", 4711, IFF_UP, IFF_UP);
  begin(RTM_DELLINK, 0, &m, sizeof m);
  go("delete");
  struct ifinfomsg any = {0};
  begin(RTM_NEWLINK, 0, &any, sizeof any);
  go("none");
  begin(RTM_DELLINK, 0, &any, sizeof any);
  add(IFLA_IFNAME, "nothing", 8);
  go("delete nothing");
  set_link("down", 1, 0, IFF_UP);
  interface_flags();
  dump(RTM_GETADDR);
  dump(RTM_GETROUTE);
  reach("10.77.0.1"), reach("10.88.0.1");
  route("while down", RTM_NEWROUTE, NEW, "10.88.0.0", 16, NULL, 1, NULL, 0);
  address("while down", RTM_NEWADDR, NEW, "10.99.0.1", 24, 1);
  set_link("up", 1, IFF_UP, IFF_UP);
  interface_flags();
  dump(RTM_GETADDR);
  dump(RTM_GETROUTE);
  reach("10.99.0.7");
  address("delete", RTM_DELADDR, 0, "10.99.0.1", 24, 1);
  dump(RTM_GETROUTE);
}

static void others(void) {
  puts("-- others");
  struct ndmsg n = {.ndm_family = AF_INET, .ndm_ifindex = 4711, .ndm_state = NUD_PERMANENT};
  begin(RTM_NEWNEIGH, NEW, &n, sizeof n);
  add_ip(NDA_DST, "10.77.0.9");
  add(NDA_LLADDR, "\2\0\0\0\0\1", 6);
  go("neighbour of nothing");
  begin(RTM_NEWNEIGH, NEW, &n, sizeof n);
  go("neighbour without address");
  begin(RTM_DELNEIGH, 0, &n, sizeof n);
  add_ip(NDA_DST, "10.77.0.9");
  go("delete neighbour of nothing");
  struct rtmsg m = {.rtm_family = AF_INET, .rtm_dst_len = 32};
  begin(RTM_GETROUTE, 0, &m, sizeof m);
  add_ip(RTA_DST, "10.77.0.1");
  q.h.nlmsg_flags &= ~NLM_F_ACK;
  MUST(send(nl, &q, q.h.nlmsg_len, 0));
  char b[4096];
  ssize_t got = MUST(recv(nl, b, sizeof b, 0));
  struct nlmsghdr *h = (void *)b;
  struct rtmsg *r = NLMSG_DATA(h);
  printf("route get: %d, type %d length %d table %d flags %#x\n", got > 0 && h->nlmsg_type == RTM_NEWROUTE, r->rtm_type, r->rtm_dst_len, r->rtm_table, r->rtm_flags & RTM_F_CLONED);
}

static void unprivileged(void) {
  MUST(setresuid(1000, 1000, 1000));
  close(nl);
  nl = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  set_link("down", 1, 0, IFF_UP);
  address("new", RTM_NEWADDR, NEW, "10.79.0.1", 24, 1);
  route("new", RTM_NEWROUTE, NEW, "10.80.0.0", 16, NULL, 1, NULL, 0);
  dump(RTM_GETADDR);
}

int main(void) {
  dt_start(30);
  unshare(CLONE_NEWNET);
  nl = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  monitor = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR};
  MUST(bind(monitor, (void *)&a, sizeof a));
  int six = RTNLGRP_IPV6_IFADDR, none = 0;
  SHOW(setsockopt(monitor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &six, sizeof six));
  SHOW(setsockopt(monitor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &none, sizeof none));
  set_link("up", 1, IFF_UP, IFF_UP);
  char b[8192];
  while (recv(monitor, b, sizeof b, MSG_DONTWAIT) > 0) {}
  interface_flags();
  addresses();
  routes();
  links();
  others();
  dt_in_child("unprivileged", unprivileged);
  address("delete", RTM_DELADDR, 0, "10.77.0.1", 24, 1);
}
