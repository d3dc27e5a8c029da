/* The socket options of iptables, called directly: tables as they are at first, replacing one, counters, refusals,
   redirection and SO_ORIGINAL_DST. In a network of its own; a sandbox has that already. */
#include "own_network.h"
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <sys/prctl.h>
#ifndef SO_ORIGINAL_DST
#define SO_ORIGINAL_DST 80
#endif

static int s;

static struct ipt_getinfo info(const char *table) {
  struct ipt_getinfo i;
  memset(&i, 0, sizeof i);
  strcpy(i.name, table);
  socklen_t n = sizeof i;
  int r = getsockopt(s, IPPROTO_IP, IPT_SO_GET_INFO, &i, &n);
  printf("info of %s: %d %s, length %d, hooks %x, %d entries, %d bytes\n", table, r, ename(r < 0 ? errno : 0), n, i.valid_hooks, i.num_entries, i.size);
  for (int h = 0; h < 5; h++)
    if (i.valid_hooks >> h & 1) printf("  hook %d: %d %d\n", h, i.hook_entry[h], i.underflow[h]);
  return i;
}

static void entries(const char *table, int size, int extra) {
  struct ipt_get_entries *e = calloc(1, sizeof *e + size + 100);
  strcpy(e->name, table);
  e->size = size;
  socklen_t n = sizeof *e + size + extra;
  int r = getsockopt(s, IPPROTO_IP, IPT_SO_GET_ENTRIES, e, &n);
  printf("entries of %s: %d %s\n", table, r, ename(r < 0 ? errno : 0));
  for (int at = 0; r == 0 && at < size;) {
    struct ipt_entry *x = (void *)((char *)e->entrytable + at);
    struct xt_entry_target *t = (void *)((char *)x + x->target_offset);
    printf("  at %d: target at %d '%s' of %d, next %d, packets %lld, bytes %lld\n", at, x->target_offset, t->u.user.name, t->u.user.target_size,
           x->next_offset, (long long)x->counters.pcnt, (long long)x->counters.bcnt);
    at += x->next_offset;
  }
  free(e);
}

/* A table put together entry by entry. */
static struct { struct ipt_replace r; char bytes[8192]; } table;
static struct xt_counters old[64];

static void begin(const char *name, unsigned hooks) {
  memset(&table, 0, sizeof table);
  strcpy(table.r.name, name);
  table.r.valid_hooks = hooks;
}

static struct ipt_entry *entry(const void *target, int size, const void *match, int match_size) {
  struct ipt_entry *e = (void *)(table.bytes + table.r.size);
  e->target_offset = sizeof *e + match_size;
  e->next_offset = e->target_offset + size;
  memcpy(e->elems, match, match_size);
  memcpy((char *)e + e->target_offset, target, size);
  table.r.size += e->next_offset;
  table.r.num_entries++;
  return e;
}

static struct ipt_entry *verdict(int v) {
  struct xt_standard_target t;
  memset(&t, 0, sizeof t);
  t.target.u.user.target_size = sizeof t;
  t.verdict = v;
  return entry(&t, sizeof t, NULL, 0);
}

static void policy(int hook, int v) {
  table.r.underflow[hook] = table.r.size;
  verdict(v);
}

static void chain(const char *name) {
  struct { struct xt_error_target t; char pad[2]; } e;
  memset(&e, 0, sizeof e);
  e.t.target.u.user.target_size = XT_ALIGN(sizeof(struct xt_error_target));
  strcpy(e.t.target.u.user.name, "ERROR");
  strcpy(e.t.errorname, name);
  entry(&e, XT_ALIGN(sizeof(struct xt_error_target)), NULL, 0);
}

static int replace(const char *what, int known) {
  table.r.num_counters = known;
  table.r.counters = old;
  int r = setsockopt(s, IPPROTO_IP, IPT_SO_SET_REPLACE, &table, sizeof table.r + table.r.size);
  printf("%s: %d %s\n", what, r, ename(r < 0 ? errno : 0));
  return r;
}

#define HOOK(h) (table.r.hook_entry[h] = table.r.size)

static void filter(int input_policy) {
  begin("filter", 0xe);
  HOOK(1), policy(1, input_policy);
  HOOK(2), policy(2, -NF_ACCEPT - 1);
  HOOK(3), policy(3, -NF_ACCEPT - 1);
}

/* A UDP datagram to ourselves. */
static void datagram(void) {
  int r = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  bind(r, (void *)&a, n);
  getsockname(r, (void *)&a, &n);
  char b[32];
  sendto(r, b, 32, 0, (void *)&a, n);
  usleep(20000);
  int k = recv(r, b, sizeof b, 0);
  printf("a datagram: %d %s\n", k, ename(k < 0 ? errno : 0));
  close(r);
}

static void refusals(void) {
  int known = info("filter").num_entries, chain_at;
  filter(-NF_ACCEPT - 1), chain("ERROR");
  replace("as it is, wrong number of counters", known + 1);
  replace("as it is, no counters", 0);
  table.r.num_entries++, replace("too many entries", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), table.r.valid_hooks = 0xf, replace("other hooks", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), table.r.hook_entry[1] = 8, replace("a hook inside of an entry", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), table.r.underflow[1] = 4000, replace("an underflow outside", known);
  filter(-NF_QUEUE - 1), chain("ERROR"), replace("policy QUEUE", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), ((struct ipt_entry *)table.bytes)->next_offset = 0, replace("next 0", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), ((struct ipt_entry *)table.bytes)->next_offset = 156, replace("next not aligned", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), ((struct ipt_entry *)table.bytes)->next_offset = 65528, replace("next far", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), ((struct ipt_entry *)table.bytes)->target_offset = 8, replace("target in the header", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), ((struct ipt_entry *)table.bytes)->target_offset = 140, replace("target too far", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), ((struct ipt_entry *)table.bytes)->ip.flags = 0x80, replace("unknown flags", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), ((struct ipt_entry *)table.bytes)->ip.invflags = 0x80, replace("unknown inversions", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), ((struct ipt_entry *)table.bytes)->ip.proto = 6, replace("a policy that asks", known);
  filter(-NF_ACCEPT - 1), chain("ERROR"), table.r.size -= 8, replace("cut off", known);
  begin("filter", 0xe);
  HOOK(1), chain_at = 4 * 152 + 176, verdict(chain_at), policy(1, -2), HOOK(2), policy(2, -2), HOOK(3), policy(3, -2);
  chain("A"), verdict(chain_at), verdict(-5), chain("ERROR"), replace("to itself", known);
  int bad[] = {7777 * 8, 12, 0x7fffffff, -100};
  for (int i = 0; i < 4; i++) {
    begin("filter", 0xe);
    HOOK(1), verdict(bad[i]), policy(1, -2), HOOK(2), policy(2, -2), HOOK(3), policy(3, -2), chain("ERROR");
    printf("verdict %d, ", bad[i]);
    replace("to nowhere", known);
  }
  struct { struct xt_entry_match m; char data[8]; } m;
  memset(&m, 0, sizeof m);
  m.m.u.user.match_size = sizeof m;
  strcpy(m.m.u.user.name, "nobody_has_it");
  struct xt_standard_target t;
  memset(&t, 0, sizeof t);
  t.target.u.user.target_size = sizeof t;
  t.verdict = -NF_DROP - 1;
  begin("filter", 0xe);
  HOOK(1), entry(&t, sizeof t, &m, sizeof m), policy(1, -2), HOOK(2), policy(2, -2), HOOK(3), policy(3, -2), chain("ERROR");
  replace("a match that nobody has", known);
  m.m.u.user.match_size = 24;
  begin("filter", 0xe);
  HOOK(1), entry(&t, sizeof t, &m, sizeof m), policy(1, -2), HOOK(2), policy(2, -2), HOOK(3), policy(3, -2), chain("ERROR");
  replace("a match shorter than its header", known);
  m.m.u.user.match_size = 400;
  begin("filter", 0xe);
  HOOK(1), entry(&t, sizeof t, &m, sizeof m), policy(1, -2), HOOK(2), policy(2, -2), HOOK(3), policy(3, -2), chain("ERROR");
  replace("a match beyond its target", known);
  strcpy(m.m.u.user.name, "tcp");
  m.m.u.user.match_size = sizeof m;
  begin("filter", 0xe);
  HOOK(1), entry(&t, sizeof t, &m, sizeof m)->ip.proto = 6, policy(1, -2), HOOK(2), policy(2, -2), HOOK(3), policy(3, -2), chain("ERROR");
  replace("tcp of the wrong size", known);
  begin("nosuch", 0xe), replace("a table that is not there", known);
  struct ipt_getinfo again;
  memset(&again, 0, sizeof again);
  socklen_t n = 83;
  strcpy(again.name, "filter");
  SHOW(getsockopt(s, IPPROTO_IP, IPT_SO_GET_INFO, &again, &n));
  n = 85;
  SHOW(getsockopt(s, IPPROTO_IP, IPT_SO_GET_INFO, &again, &n));
  SHOW(setsockopt(s, IPPROTO_IP, IPT_SO_SET_REPLACE, &table, 50));
  SHOW(setsockopt(s, IPPROTO_IP, IPT_SO_SET_REPLACE, (void *)8, sizeof table));
  info("filter");
}

static void counters(void) {
  int known = info("filter").num_entries;
  filter(-NF_DROP - 1), chain("ERROR");
  replace("INPUT drops", known);
  datagram();
  struct { struct xt_counters_info i; struct xt_counters c[4]; } add;
  memset(&add, 0, sizeof add);
  strcpy(add.i.name, "filter");
  add.i.num_counters = 4;
  add.c[1].pcnt = 100, add.c[1].bcnt = 5000;
  SHOW(setsockopt(s, IPPROTO_IP, IPT_SO_SET_ADD_COUNTERS, &add, sizeof add));
  add.i.num_counters = 3;
  SHOW(setsockopt(s, IPPROTO_IP, IPT_SO_SET_ADD_COUNTERS, &add, sizeof add));
  SHOW(setsockopt(s, IPPROTO_IP, IPT_SO_SET_ADD_COUNTERS, &add, sizeof add - 16));
  SHOW(setsockopt(s, IPPROTO_IP, IPT_SO_SET_ADD_COUNTERS, &add, 20));
  int size = info("filter").size;
  entries("filter", size, 0);
  entries("filter", size, 8);
  entries("filter", size + 8, 0);
  filter(-NF_ACCEPT - 1), chain("ERROR");
  replace("INPUT accepts", 4);
  for (int i = 0; i < 4; i++) printf("  counted %lld %lld\n", (long long)old[i].pcnt, (long long)old[i].bcnt);
  datagram();
}

static struct sockaddr_in listens(int *l) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  *l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(*l, (void *)&a, n));
  MUST(listen(*l, 5));
  MUST(getsockname(*l, (void *)&a, &n));
  return a;
}

static void original(int p) {
  struct sockaddr_in o;
  socklen_t n = sizeof o;
  memset(&o, 0, sizeof o);
  int r = getsockopt(p, IPPROTO_IP, SO_ORIGINAL_DST, &o, &n);
  printf("original: %d %s", r, ename(r < 0 ? errno : 0));
  if (r == 0) printf(" family %d %s port %d", o.sin_family, inet_ntoa(o.sin_addr), ntohs(o.sin_port));
  printf("\n");
  n = 8;
  SHOW(getsockopt(p, IPPROTO_IP, SO_ORIGINAL_DST, &o, &n));
}

static void redirection(void) {
  int l, known = info("nat").num_entries;
  struct sockaddr_in at = listens(&l), to = {.sin_family = AF_INET, .sin_port = htons(81), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct { struct xt_entry_match m; struct xt_tcp t; char pad[4]; } m;
  memset(&m, 0, sizeof m);
  m.m.u.user.match_size = XT_ALIGN(sizeof m.m + sizeof m.t);
  strcpy(m.m.u.user.name, "tcp");
  m.t.spts[1] = 65535;
  m.t.dpts[0] = m.t.dpts[1] = 81;
  struct { struct xt_entry_target t; struct nf_nat_ipv4_multi_range_compat r; char pad[4]; } t;
  memset(&t, 0, sizeof t);
  t.t.u.user.target_size = XT_ALIGN(sizeof t.t + sizeof t.r);
  strcpy(t.t.u.user.name, "REDIRECT");
  t.r.rangesize = 1;
  t.r.range[0].flags = NF_NAT_RANGE_PROTO_SPECIFIED;
  t.r.range[0].min.tcp.port = t.r.range[0].max.tcp.port = at.sin_port;
  begin("nat", 0x1b);
  HOOK(0), policy(0, -2), HOOK(1), policy(1, -2);
  HOOK(3), entry(&t, t.t.u.user.target_size, &m, m.m.u.user.match_size)->ip.proto = 6, policy(3, -2);
  HOOK(4), policy(4, -2), chain("ERROR");
  replace("REDIRECT in OUTPUT", known);
  int c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  SHOW(connect(c, (void *)&to, sizeof to));
  int p = MUST(accept(l, 0, 0));
  original(p);
  original(l);
  int u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  original(u);
  struct sockaddr_in peer;
  socklen_t n = sizeof peer;
  MUST(getpeername(c, (void *)&peer, &n));
  printf("the client sees port %d\n", ntohs(peer.sin_port));
  char b[4];
  SHOW(write(c, "data", 4));
  SHOW(read(p, b, 4));
  SHOW(write(p, "back", 4));
  SHOW(read(c, b, 4));
  close(c), close(p);
  begin("nat", 0x1b);
  for (int h = 0; h < 5; h++)
    if (h != 2) HOOK(h), policy(h, -2);
  chain("ERROR");
  replace("none", known + 1);
  c = MUST(socket(AF_INET, SOCK_STREAM, 0));
  SHOW(connect(c, (void *)&to, sizeof to));
}

int main(void) {
  dt_start(30);
  own_network();
  s = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
  struct ipt_getinfo i = info("filter");
  entries("filter", i.size, 0);
  i = info("nat");
  entries("nat", i.size, 0);
  info("mangle");
  info("raw");
  info("nosuch");
  refusals();
  counters();
  redirection();
  if (fork() == 0) {
    setresuid(1000, 1000, 1000);
    info("filter");
    filter(-2), chain("ERROR"), replace("by a user", 4);
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  return 0;
}
