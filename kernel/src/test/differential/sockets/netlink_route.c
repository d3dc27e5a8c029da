/* AF_NETLINK ROUTE: what getaddrinfo(3), getifaddrs(3) and if_nameindex(3) ask for; names and errors. */
#include "difftest.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int s;
static char buf[65536];

static long ask(int type, int flags, int family, size_t size) {
  struct { struct nlmsghdr h; struct rtgenmsg g; char pad[64]; } r;
  memset(&r, 0, sizeof r);
  r.h.nlmsg_len = size;
  r.h.nlmsg_type = type;
  r.h.nlmsg_flags = flags;
  r.h.nlmsg_seq = 77;
  r.g.rtgen_family = family;
  struct sockaddr_nl k = {.nl_family = AF_NETLINK};
  return sendto(s, &r, size < sizeof r ? size : sizeof r, 0, (struct sockaddr *)&k, sizeof k);
}

/* Prints what concerns the loopback interface. */
static void answers(const char *label) {
  unsigned pid = 0;
  struct sockaddr_nl own;
  socklen_t l = sizeof own;
  getsockname(s, (struct sockaddr *)&own, &l);
  pid = own.nl_pid;
  for (int done = 0; !done;) {
    struct sockaddr_nl from;
    l = sizeof from;
    ssize_t n = recvfrom(s, buf, sizeof buf, 0, (struct sockaddr *)&from, &l);
    if (n < 0) { printf("%s: %s\n", label, ename(errno)); return; }
    for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
      if (h->nlmsg_seq != 77 || h->nlmsg_pid != pid || from.nl_pid != 0) puts("strange header");
      if (h->nlmsg_type == NLMSG_DONE) { printf("%s: done\n", label); done = 1; }
      else if (h->nlmsg_type == NLMSG_ERROR) {
        printf("%s: error %s\n", label, ename(-((struct nlmsgerr *)NLMSG_DATA(h))->error));
        done = 1;
      } else if (h->nlmsg_type == RTM_NEWLINK) {
        struct ifinfomsg *i = NLMSG_DATA(h);
        if (i->ifi_index != 1) continue;
        printf("%s: link family %d type %d flags %#x multi %d\n", label, i->ifi_family, i->ifi_type, i->ifi_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING), (h->nlmsg_flags & NLM_F_MULTI) != 0);
        int left = IFLA_PAYLOAD(h);
        for (struct rtattr *a = IFLA_RTA(i); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
          if (a->rta_type == IFLA_IFNAME) printf("  name %s\n", (char *)RTA_DATA(a));
          if (a->rta_type == IFLA_MTU) printf("  mtu %u\n", *(unsigned *)RTA_DATA(a));
          if (a->rta_type == IFLA_ADDRESS) printf("  address of %zu bytes\n", RTA_PAYLOAD(a));
        }
      } else if (h->nlmsg_type == RTM_NEWADDR) {
        struct ifaddrmsg *i = NLMSG_DATA(h);
        if (i->ifa_index != 1) continue;
        printf("%s: address family %d prefix %d scope %d flags %#x\n", label, i->ifa_family, i->ifa_prefixlen, i->ifa_scope, i->ifa_flags);
        int left = IFA_PAYLOAD(h);
        char text[64];
        for (struct rtattr *a = IFA_RTA(i); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
          if (a->rta_type == IFA_ADDRESS || a->rta_type == IFA_LOCAL) printf("  %d %s\n", a->rta_type, inet_ntop(i->ifa_family, RTA_DATA(a), text, sizeof text));
          if (a->rta_type == IFA_LABEL) printf("  label %s\n", (char *)RTA_DATA(a));
        }
      }
    }
  }
}

static void raw(void) {
  OK(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE));
  OK(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE));
  OK(socket(AF_NETLINK, SOCK_RAW, 31));
  OK(socket(AF_NETLINK, SOCK_RAW, 32));
  OK(socket(AF_NETLINK, SOCK_RAW, -1));
  s = MUST(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  struct sockaddr_nl a = {.nl_family = AF_NETLINK};
  socklen_t l = sizeof a;
  SHOW(getsockname(s, (struct sockaddr *)&a, &l));
  printf("length %u family %d pid %u groups %u\n", l, a.nl_family, a.nl_pid, a.nl_groups);
  SHOW(bind(s, (struct sockaddr *)&a, 8));
  SHOW(bind(s, (struct sockaddr *)&a, sizeof a));
  l = sizeof a;
  SHOW(getsockname(s, (struct sockaddr *)&a, &l));
  IS(a.nl_pid == (unsigned)getpid());
  SHOW(listen(s, 1));
  SHOW(accept(s, NULL, NULL));
  int v;
  l = sizeof v;
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &l));
  SHOW(getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &v, &l));
  printf("%d\n", v);
  SHOW(ask(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, AF_PACKET, sizeof(struct nlmsghdr) + 1));
  answers("links");
  SHOW(ask(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 0, sizeof(struct nlmsghdr) + sizeof(struct ifinfomsg)));
  answers("links");
  SHOW(ask(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, AF_UNSPEC, sizeof(struct nlmsghdr) + 1));
  answers("addresses");
  SHOW(ask(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, AF_INET, sizeof(struct nlmsghdr) + 1));
  answers("addresses of IPv4");
  SHOW(ask(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, AF_INET6, sizeof(struct nlmsghdr) + 1));
  answers("addresses of IPv6");
  fcntl(s, F_SETFL, O_NONBLOCK);
  answers("nothing");
  SHOW(ask(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 0, 8));
  answers("short");
  SHOW(ask(4000, NLM_F_REQUEST | NLM_F_ACK, 0, sizeof(struct nlmsghdr) + 4));
  answers("unknown type");
  SHOW(ask(NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 0, sizeof(struct nlmsghdr) + 4));
  answers("no operation");
  SHOW(connect(s, (struct sockaddr *)&a, 3));
  a.nl_family = AF_INET;
  SHOW(bind(s, (struct sockaddr *)&a, sizeof a));
  SHOW(ask(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 0, sizeof(struct nlmsghdr) + 1));
  SHOW(recv(s, buf, 10, MSG_PEEK));
  IS(recv(s, buf, 10, MSG_PEEK | MSG_TRUNC) > 100);
  close(s);
}

static void library(void) {
  struct if_nameindex *names = if_nameindex();
  IS(names != NULL);
  for (struct if_nameindex *i = names; i && i->if_index; i++)
    if (i->if_index == 1) printf("interface 1 is %s\n", i->if_name);
  SHOW(if_nametoindex("lo"));
  SHOW(if_nametoindex("nodev0"));
  char name[IF_NAMESIZE];
  IS(if_indextoname(1, name) == name && strcmp(name, "lo") == 0);
  struct ifaddrs *all = NULL;
  SHOW(getifaddrs(&all));
  for (struct ifaddrs *i = all; i; i = i->ifa_next) {
    if (strcmp(i->ifa_name, "lo") != 0 || !i->ifa_addr) continue;
    char text[64] = "", mask[64] = "";
    int f = i->ifa_addr->sa_family;
    if (f == AF_INET) {
      inet_ntop(f, &((struct sockaddr_in *)i->ifa_addr)->sin_addr, text, 64);
      inet_ntop(f, &((struct sockaddr_in *)i->ifa_netmask)->sin_addr, mask, 64);
    } else if (f == AF_INET6) {
      inet_ntop(f, &((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr, text, 64);
    }
    printf("lo family %d %s %s up %d loopback %d\n", f, text, mask, (i->ifa_flags & IFF_UP) != 0, (i->ifa_flags & IFF_LOOPBACK) != 0);
  }
  int u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct ifreq r;
  memset(&r, 0, sizeof r);
  strcpy(r.ifr_name, "lo");
  SHOW(ioctl(u, SIOCGIFADDR, &r));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
  SHOW(ioctl(u, SIOCGIFNETMASK, &r));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
  SHOW(ioctl(u, SIOCGIFMTU, &r));
  printf("%d\n", r.ifr_mtu);
  SHOW(ioctl(u, SIOCGIFFLAGS, &r));
  printf("%#x\n", r.ifr_flags);
  SHOW(ioctl(u, SIOCGIFINDEX, &r));
  printf("%d\n", r.ifr_ifindex);
  strcpy(r.ifr_name, "nodev0");
  SHOW(ioctl(u, SIOCGIFADDR, &r));
  SHOW(ioctl(u, SIOCGIFADDR, (void *)8));
}

int main(void) {
  dt_start(30);
  raw();
  library();
  return 0;
}
