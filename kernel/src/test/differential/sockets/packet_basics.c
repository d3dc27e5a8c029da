/* AF_PACKET (packet(7)) on the loopback: names, directions, filters, options, errors. */
#include "../difftest.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int lo;
static int udp;
static struct sockaddr_in udp_name;

static void address(const char *what, struct sockaddr_ll *a, socklen_t n) {
  printf("%s: length %u family %d protocol %#x lo %d hatype %d pkttype %d halen %d first %d\n", what, n, a->sll_family,
         ntohs(a->sll_protocol), a->sll_ifindex == lo, a->sll_hatype, a->sll_pkttype, a->sll_halen, a->sll_addr[0]);
}

static int to_lo(int s, int protocol) {
  struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = lo};
  return bind(s, (void *)&a, sizeof a);
}

static void send_udp(const char *text) {
  MUST(sendto(udp, text, strlen(text), 0, (void *)&udp_name, sizeof udp_name));
  char b[64];
  MUST(recv(udp, b, sizeof b, 0));
}

/* The next packet that carries our port, or none within a while. */
static void next(const char *what, int s, bool cooked) {
  unsigned char b[256];
  for (;;) {
    struct pollfd p = {s, POLLIN, 0};
    if (poll(&p, 1, 300) <= 0) {
      printf("%s: nothing\n", what);
      return;
    }
    struct sockaddr_ll a;
    memset(&a, 0xff, sizeof a);
    socklen_t n = sizeof a;
    ssize_t got = recvfrom(s, b, sizeof b, 0, (void *)&a, &n);
    if (got < 0) {
      printf("%s: %s\n", what, ename(errno));
      return;
    }
    int ip = cooked ? 0 : 14;
    if (got < ip + 28 || b[ip] != 0x45 || b[ip + 9] != IPPROTO_UDP) continue;
    if (memcmp(b + ip + 20, &udp_name.sin_port, 2) && memcmp(b + ip + 22, &udp_name.sin_port, 2)) continue;
    printf("%s: %zd bytes, text %.*s, type field %d\n", what, got, (int)got - ip - 28, b + ip + 28,
           cooked ? -1 : b[12] << 8 | b[13]);
    address(what, &a, n);
    return;
  }
}

static void directions(void) {
  puts("-- all, raw");
  int s = MUST(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
  OK(to_lo(s, 0));
  struct sockaddr_ll a;
  socklen_t n = sizeof a;
  SHOW(getsockname(s, (void *)&a, &n));
  address("name", &a, n);
  send_udp("abc");
  next("first", s, false);
  next("second", s, false);
  next("third", s, false);
  int on = 1;
  SHOW(setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on));
  send_udp("abcd");
  next("without outgoing", s, false);
  next("again", s, false);
  close(s);
  puts("-- IPv4 only, cooked");
  s = MUST(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)));
  send_udp("cooked");
  next("first", s, true);
  next("second", s, true);
  OK(to_lo(s, ETH_P_ARP));
  send_udp("not for arp");
  next("arp", s, true);
  close(s);
  puts("-- no protocol");
  s = MUST(socket(AF_PACKET, SOCK_DGRAM, 0));
  send_udp("unheard");
  next("none", s, true);
  close(s);
}

static void auxiliary(void) {
  puts("-- auxdata");
  int s = MUST(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP)));
  MUST(to_lo(s, ETH_P_IP));
  int on = 1;
  SHOW(setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on));
  int value = 0;
  socklen_t n = sizeof value;
  SHOW(getsockopt(s, SOL_PACKET, PACKET_AUXDATA, &value, &n));
  printf("%d %u\n", value, n);
  send_udp("auxiliary text");
  char data[30], control[128];
  struct iovec iov = {data, sizeof data};
  struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  SHOW(recvmsg(s, &m, MSG_TRUNC));
  printf("flags %#x control %zu\n", m.msg_flags, m.msg_controllen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    struct tpacket_auxdata *x = (void *)CMSG_DATA(c);
    printf("level %d type %d length %zu: user %d len %u snaplen %u mac %u net %u vlan %d %d\n", c->cmsg_level,
           c->cmsg_type, c->cmsg_len, x->tp_status & TP_STATUS_USER, x->tp_len, x->tp_snaplen, x->tp_mac, x->tp_net,
           x->tp_vlan_tci, x->tp_vlan_tpid);
  }
  close(s);
}

static void filters(void) {
  puts("-- filters");
  int s = MUST(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP)));
  MUST(to_lo(s, ETH_P_IP));
  SHOW(setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, NULL, 0));
  int word = 0;
  SHOW(setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &word, sizeof word));
  /* UDP with a text that starts with 'y', 44 bytes of it. */
  struct sock_filter yes[] = {
    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 6),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_NET_OFF + 9),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 4),
    BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
    BPF_STMT(BPF_LD | BPF_B | BPF_IND, 14 + 8),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 44),
    BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog p = {sizeof yes / sizeof *yes, yes};
  SHOW(setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
  send_udp("no");
  send_udp("yes");
  next("filtered", s, false);
  next("filtered", s, false);
  struct sock_filter back[32];
  socklen_t n = 0;
  SHOW(getsockopt(s, SOL_SOCKET, SO_GET_FILTER, back, &n));
  printf("length %u\n", n);
  n = 3;
  SHOW(getsockopt(s, SOL_SOCKET, SO_GET_FILTER, back, &n));
  n = 32;
  SHOW(getsockopt(s, SOL_SOCKET, SO_GET_FILTER, back, &n));
  printf("length %u same %d\n", n, !memcmp(back, yes, sizeof yes));
  /* Incoming packets of lo, the type of whose interface is 772; by the pseudo loads. */
  struct sock_filter facts[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 9),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 0, 7),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_HATYPE),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 772, 0, 5),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
    BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 100),
    BPF_STMT(BPF_RET | BPF_A, 0),
    BPF_STMT(BPF_RET | BPF_K, 0),
  };
  p = (struct sock_fprog){sizeof facts / sizeof *facts, facts};
  SHOW(setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
  send_udp("facts");
  next("facts", s, false);
  struct sock_filter far[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4000), BPF_STMT(BPF_RET | BPF_K, -1)};
  p = (struct sock_fprog){2, far};
  SHOW(setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
  send_udp("far");
  next("far", s, false);
  struct sock_filter cases[][2] = {
    {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + 400), BPF_STMT(BPF_RET | BPF_K, 0)},
    {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)},
    {BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 0)},
    {BPF_STMT(BPF_LD | BPF_MEM, 3), BPF_STMT(BPF_RET | BPF_K, 0)},
    {BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), BPF_STMT(BPF_RET | BPF_K, 0)},
    {BPF_STMT(BPF_LDX | BPF_H | BPF_MSH, 0), BPF_STMT(BPF_RET | BPF_K, 0)},
    {BPF_STMT(BPF_RET | BPF_X, 0), BPF_STMT(BPF_RET | BPF_X, 0)},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    p = (struct sock_fprog){2, cases[i]};
    SHOW(setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
  }
  p = (struct sock_fprog){0, far};
  SHOW_AS("empty", setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
  p = (struct sock_fprog){4097, far};
  SHOW_AS("long", setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
  p = (struct sock_fprog){2, (void *)8};
  SHOW_AS("nowhere", setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
  SHOW_AS("short", setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, 8));
  SHOW(setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &word, sizeof word));
  send_udp("back");
  next("back", s, false);
  p = (struct sock_fprog){sizeof yes / sizeof *yes, yes};
  int on = 1;
  SHOW(setsockopt(s, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on));
  SHOW_AS("locked", setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof p));
  SHOW_AS("locked", setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &word, sizeof word));
  int off = 0;
  SHOW_AS("unlock", setsockopt(s, SOL_SOCKET, SO_LOCK_FILTER, &off, sizeof off));
  n = sizeof on;
  SHOW(getsockopt(s, SOL_SOCKET, SO_LOCK_FILTER, &on, &n));
  printf("%d\n", on);
  close(s);
}

static void sending(void) {
  puts("-- sending");
  int in = MUST(socket(AF_PACKET, SOCK_RAW, htons(0x88b5)));
  MUST(to_lo(in, 0x88b5));
  int out = MUST(socket(AF_PACKET, SOCK_RAW, 0));
  unsigned char frame[60] = {0};
  frame[6] = 2, frame[11] = 7, frame[12] = 0x88, frame[13] = 0xb5, frame[14] = 'x';
  SHOW(send(out, frame, sizeof frame, 0));
  struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(0x88b5), .sll_ifindex = lo, .sll_halen = 6};
  SHOW(sendto(out, frame, sizeof frame, 0, (void *)&a, sizeof a));
  unsigned char b[100] = {0};
  struct sockaddr_ll from;
  socklen_t n = sizeof from;
  SHOW(recvfrom(in, b, sizeof b, 0, (void *)&from, &n));
  address("from", &from, n);
  printf("same %d\n", !memcmp(b, frame, sizeof frame));
  frame[0] = 2;
  MUST(sendto(out, frame, sizeof frame, 0, (void *)&a, sizeof a));
  MUST(recvfrom(in, b, sizeof b, 0, (void *)&from, &n));
  printf("for another host: pkttype %d\n", from.sll_pkttype);
  frame[0] = 1;
  MUST(sendto(out, frame, sizeof frame, 0, (void *)&a, sizeof a));
  MUST(recvfrom(in, b, sizeof b, 0, (void *)&from, &n));
  printf("to a group: pkttype %d\n", from.sll_pkttype);
  memset(frame, 0xff, 6);
  MUST(sendto(out, frame, sizeof frame, 0, (void *)&a, sizeof a));
  MUST(recvfrom(in, b, sizeof b, 0, (void *)&from, &n));
  printf("to all: pkttype %d\n", from.sll_pkttype);
  SHOW_AS("too short a frame", sendto(out, frame, 13, 0, (void *)&a, sizeof a));
  SHOW_AS("short address", sendto(out, frame, 60, 0, (void *)&a, 19));
  a.sll_ifindex = 12345;
  SHOW_AS("no interface", sendto(out, frame, 60, 0, (void *)&a, sizeof a));
  a.sll_ifindex = lo;
  static char huge[70000];
  SHOW_AS("too long", sendto(out, huge, sizeof huge, 0, (void *)&a, sizeof a));
  int cooked = MUST(socket(AF_PACKET, SOCK_DGRAM, 0));
  SHOW_AS("cooked", sendto(cooked, "hello", 5, 0, (void *)&a, sizeof a));
  MUST(recvfrom(in, b, sizeof b, 0, (void *)&from, &n));
  printf("type %02x%02x %.5s\n", b[12], b[13], b + 14);
  MUST(to_lo(cooked, 0x88b5));
  SHOW_AS("cooked, bound", send(cooked, "again", 5, 0));
  MUST(recvfrom(in, b, sizeof b, 0, (void *)&from, &n));
  printf("type %02x%02x %.5s\n", b[12], b[13], b + 14);
  /* An IPv6 packet that is written by hand arrives at its socket. */
  int six = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  MUST(bind(six, (void *)&name, sizeof name));
  n = sizeof name;
  MUST(getsockname(six, (void *)&name, &n));
  unsigned char ip[53] = {0x60, 0, 0, 0, 0, 13, 17, 64, [23] = 1, [39] = 1, [45] = 13};
  memcpy(ip + 40, &name.sin6_port, 2), memcpy(ip + 42, &name.sin6_port, 2);
  memcpy(ip + 48, "magic", 5);
  unsigned sum = 17 + 13;
  for (int i = 8; i < 53; i += 2) sum += ip[i] << 8 | (i < 52 ? ip[i + 1] : 0);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~(sum + (sum >> 16)) & 0xffff;
  ip[46] = sum >> 8, ip[47] = sum;
  a.sll_protocol = htons(ETH_P_IPV6);
  memset(a.sll_addr, 0, 8);
  SHOW_AS("IPv6 by hand", sendto(cooked, ip, sizeof ip, 0, (void *)&a, sizeof a));
  char text[16] = {0};
  SHOW(recv(six, text, sizeof text, 0));
  printf("%s\n", text);
  close(six);
  close(in), close(out), close(cooked);
}

static void statistics(void) {
  puts("-- statistics");
  int own = 0x9800 + getpid() % 2048;
  int s = MUST(socket(AF_PACKET, SOCK_DGRAM, htons(own)));
  MUST(to_lo(s, own));
  int small = 1;
  MUST(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &small, sizeof small));
  int out = MUST(socket(AF_PACKET, SOCK_DGRAM, 0));
  struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(own), .sll_ifindex = lo, .sll_halen = 6};
  for (int i = 0; i < 20; i++) MUST(sendto(out, "hello", 5, 0, (void *)&a, sizeof a));
  struct tpacket_stats t;
  socklen_t n = sizeof t;
  SHOW(getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &t, &n));
  int held = 0;
  char b[16];
  while (recv(s, b, sizeof b, MSG_DONTWAIT) == 5) held++;
  printf("length %u packets %u, all accounted for %d, some lost %d\n", n, t.tp_packets,
         t.tp_packets == t.tp_drops + held, t.tp_drops > 0);
  n = sizeof t;
  SHOW(getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &t, &n));
  printf("after: %u %u\n", t.tp_packets, t.tp_drops);
  close(s), close(out);
}

static void memberships(void) {
  puts("-- memberships");
  int s = MUST(socket(AF_PACKET, SOCK_RAW, 0));
  struct packet_mreq m = {.mr_ifindex = lo, .mr_type = PACKET_MR_PROMISC};
  SHOW(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  SHOW(setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  SHOW(setsockopt(s, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof m));
  SHOW(setsockopt(s, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof m));
  SHOW_AS("once too often", setsockopt(s, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof m));
  m.mr_alen = 7;
  SHOW_AS("long address", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  m.mr_alen = 6, m.mr_type = PACKET_MR_MULTICAST, m.mr_address[0] = 1;
  SHOW_AS("group", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  m.mr_ifindex = 12345;
  SHOW_AS("no interface", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
  SHOW_AS("short", setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, 8));
  close(s);
}

static void errors(void) {
  puts("-- errors");
  SHOW(socket(AF_PACKET, SOCK_STREAM, 0));
  SHOW(socket(AF_PACKET, SOCK_SEQPACKET, 0));
  int s = MUST(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
  struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_ifindex = 12345};
  SHOW_AS("bind to nothing", bind(s, (void *)&a, sizeof a));
  SHOW_AS("short", bind(s, (void *)&a, sizeof a - 1));
  a.sll_family = AF_INET;
  SHOW_AS("family", bind(s, (void *)&a, sizeof a));
  a.sll_family = AF_PACKET, a.sll_ifindex = 0;
  SHOW_AS("to all", bind(s, (void *)&a, sizeof a));
  socklen_t n = sizeof a;
  SHOW(getsockname(s, (void *)&a, &n));
  printf("length %u halen %d\n", n, a.sll_halen);
  n = sizeof a;
  SHOW(getpeername(s, (void *)&a, &n));
  SHOW(connect(s, (void *)&a, sizeof a));
  SHOW(listen(s, 1));
  SHOW(shutdown(s, SHUT_RDWR));
  char b[8];
  SHOW(recv(s, b, sizeof b, MSG_OOB));
  SHOW(recv(s, b, sizeof b, MSG_WAITALL | MSG_DONTWAIT));
  int v = 7;
  n = sizeof v;
  SHOW(getsockopt(s, SOL_PACKET, 99, &v, &n));
  SHOW(setsockopt(s, SOL_PACKET, 99, &v, sizeof v));
  SHOW(setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof v));
  for (int i = 0; i < 4; i++) {
    v = i, n = sizeof v;
    SHOW(getsockopt(s, SOL_PACKET, PACKET_HDRLEN, &v, &n));
    printf("version %d: %d\n", i, v);
  }
  v = 1;
  int options[] = {PACKET_RESERVE, PACKET_ORIGDEV, PACKET_LOSS, PACKET_COPY_THRESH, PACKET_TIMESTAMP};
  for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
    v = 1;
    SHOW(setsockopt(s, SOL_PACKET, options[i], &v, sizeof v));
    v = -1, n = sizeof v;
    long r = getsockopt(s, SOL_PACKET, options[i], &v, &n);
    printf("option %d: %ld %d\n", options[i], r, v);
  }
  SHOW(getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &v, &n));
  printf("SO_PROTOCOL %d\n", v);
  SHOW(getsockopt(s, SOL_SOCKET, SO_DOMAIN, &v, &n));
  printf("SO_DOMAIN %d\n", v);
  SHOW(getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &n));
  printf("SO_TYPE %d\n", v);
  struct ifreq r = {0};
  strcpy(r.ifr_name, "lo");
  SHOW(ioctl(s, SIOCGIFINDEX, &r));
  IS(r.ifr_ifindex == lo);
  SHOW(ioctl(s, FIONREAD, &v));
  close(s);
}

static void unprivileged(void) {
  MUST(setresgid(1000, 1000, 1000));
  MUST(setresuid(1000, 1000, 1000));
  SHOW(socket(AF_PACKET, SOCK_RAW, 0));
  SHOW(socket(AF_PACKET, SOCK_STREAM, 0));
}

int main(void) {
  dt_start(30);
  lo = if_nametoindex("lo");
  udp = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  udp_name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  MUST(bind(udp, (void *)&udp_name, sizeof udp_name));
  socklen_t n = sizeof udp_name;
  MUST(getsockname(udp, (void *)&udp_name, &n));
  directions();
  auxiliary();
  filters();
  sending();
  statistics();
  memberships();
  errors();
  dt_in_child("unprivileged", unprivileged);
}
