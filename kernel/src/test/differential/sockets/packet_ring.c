/* Receive rings of AF_PACKET (PACKET_RX_RING): TPACKET_V2 slots and TPACKET_V3 blocks, as libpcap uses them. */
#include "../difftest.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

static int lo, own;

static int opened(int version) {
  int s = MUST(socket(AF_PACKET, SOCK_RAW, 0));
  MUST(setsockopt(s, SOL_PACKET, PACKET_VERSION, &version, sizeof version));
  return s;
}

static void to_lo(int s) {
  struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(own), .sll_ifindex = lo};
  MUST(bind(s, (void *)&a, sizeof a));
}

static void transmit(int length, int mark) {
  static unsigned char frame[5000];
  memset(frame, mark, sizeof frame);
  memset(frame, 0, 6);
  frame[12] = own >> 8, frame[13] = own;
  int s = MUST(socket(AF_PACKET, SOCK_RAW, 0));
  struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(own), .sll_ifindex = lo};
  MUST(sendto(s, frame, length, 0, (void *)&a, sizeof a));
  close(s);
}

static int readable(int s, int wait) {
  struct pollfd p = {s, POLLIN, 0};
  return poll(&p, 1, wait) == 1 ? p.revents : 0;
}

static void statistics(int s) {
  struct tpacket_stats_v3 t = {0};
  socklen_t n = sizeof t;
  MUST(getsockopt(s, SOL_PACKET, PACKET_STATISTICS, &t, &n));
  printf("statistics: length %u packets %u drops %u\n", n, t.tp_packets, t.tp_drops);
}

static void slots(void) {
  puts("-- version 2");
  int s = opened(TPACKET_V2);
  struct tpacket_req r = {.tp_block_size = 8192, .tp_block_nr = 2, .tp_frame_size = 2048, .tp_frame_nr = 8};
  SHOW(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof r));
  SHOW_AS("again", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof r));
  int v = TPACKET_V3;
  SHOW_AS("version now", setsockopt(s, SOL_PACKET, PACKET_VERSION, &v, sizeof v));
  SHOW_AS("reserve now", setsockopt(s, SOL_PACKET, PACKET_RESERVE, &v, sizeof v));
  char *ring = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
  IS(ring != MAP_FAILED);
  struct tpacket_req none = {0};
  SHOW_AS("away while mapped", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &none, sizeof none));
  to_lo(s);
  printf("readable %#x\n", readable(s, 0));
  for (int i = 0; i < 10; i++) transmit(60 + i, 'a' + i);
  transmit(4000, 'z');
  printf("readable %#x\n", readable(s, 1000));
  for (int i = 0; i < 8; i++) {
    struct tpacket2_hdr *h = (void *)(ring + i * 2048);
    struct sockaddr_ll *a = (void *)((char *)h + TPACKET_ALIGN(sizeof *h));
    printf("slot %d: status %#x len %u snaplen %u mac %u net %u time %d data %c type %#x pkttype %d\n", i,
           h->tp_status & 3, h->tp_len, h->tp_snaplen, h->tp_mac, h->tp_net, h->tp_sec > 1000000, ring[i * 2048 + h->tp_mac + 20],
           ntohs(a->sll_protocol) == own, a->sll_pkttype);
    if (i < 3) h->tp_status = TP_STATUS_KERNEL;
  }
  statistics(s);
  transmit(4000, 'y');
  struct tpacket2_hdr *h = (void *)ring;
  printf("long: status %#x len %u snaplen %u losing %d\n", h->tp_status & 3, h->tp_len, h->tp_snaplen,
         !!(h->tp_status & TP_STATUS_LOSING));
  for (int i = 0; i < 8; i++) ((struct tpacket2_hdr *)(ring + i * 2048))->tp_status = TP_STATUS_KERNEL;
  printf("readable %#x\n", readable(s, 0));
  munmap(ring, 16384);
  SHOW_AS("away", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &none, sizeof none));
  transmit(60, 'q');
  char b[100];
  SHOW_AS("queue", recv(s, b, sizeof b, 0));
  close(s);
}

static int blocks_shown(char *ring, int from) {
  int i = from;
  for (;; i = (i + 1) % 4) {
    struct tpacket_block_desc *d = (void *)(ring + i * 4096);
    if (!(d->hdr.bh1.block_status & TP_STATUS_USER)) return i;
    printf("block %d: version %u priv %u packets %u first %u length %u seq %llu timeout %d\n", i, d->version,
           d->offset_to_priv, d->hdr.bh1.num_pkts, d->hdr.bh1.offset_to_first_pkt, d->hdr.bh1.blk_len,
           (unsigned long long)d->hdr.bh1.seq_num, !!(d->hdr.bh1.block_status & TP_STATUS_BLK_TMO));
    char *at = (char *)d + d->hdr.bh1.offset_to_first_pkt;
    for (unsigned p = 0; p < d->hdr.bh1.num_pkts; p++) {
      struct tpacket3_hdr *h = (void *)at;
      struct sockaddr_ll *a = (void *)(at + TPACKET_ALIGN(sizeof *h));
      printf("  next %u len %u snaplen %u mac %u net %u status %d data %c type %d\n", h->tp_next_offset, h->tp_len,
             h->tp_snaplen, h->tp_mac, h->tp_net, h->tp_status & 1, at[h->tp_mac + 20], ntohs(a->sll_protocol) == own);
      at += h->tp_next_offset;
    }
    d->hdr.bh1.block_status = TP_STATUS_KERNEL;
  }
}

static void blocks(void) {
  puts("-- version 3");
  int s = opened(TPACKET_V3);
  struct tpacket_req3 r = {.tp_block_size = 4096, .tp_block_nr = 4, .tp_frame_size = 4096, .tp_frame_nr = 4,
                           .tp_retire_blk_tov = 300, .tp_sizeof_priv = 20};
  SHOW(setsockopt(s, SOL_PACKET, PACKET_RX_RING, &r, sizeof r));
  char *ring = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
  IS(ring != MAP_FAILED);
  to_lo(s);
  for (int i = 0; i < 3; i++) transmit(60 + i, 'a' + i);
  printf("readable %#x\n", readable(s, 0));
  printf("readable %#x\n", readable(s, 3000));
  int next = blocks_shown(ring, 0);
  for (int i = 0; i < 3; i++) transmit(1900, 'k' + i);
  printf("readable %#x\n", readable(s, 0));
  next = blocks_shown(ring, next);
  printf("readable %#x\n", readable(s, 3000));
  next = blocks_shown(ring, next);
  transmit(4900, 'o');
  for (int i = 0; i < 8; i++) transmit(3000, '0' + i);
  printf("readable %#x\n", readable(s, 3000));
  blocks_shown(ring, next);
  statistics(s);
  munmap(ring, 16384);
  close(s);
}

static void refused(void) {
  puts("-- refused");
  int s = opened(TPACKET_V2);
  errno = 0;
  void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, s, 0);
  printf("mmap without a ring: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
  struct tpacket_req bad[] = {
    {100, 2, 2048, 4}, {8192, 2, 2048, 7}, {8192, 2, 2040, 8}, {8192, 2, 32, 512}, {4096, 2, 8192, 0}, {0, 2, 2048, 8},
    {8192, 0, 2048, 8}, {0x40000000, 8, 2048, 8}, {-4096, 2, 2048, 8},
  };
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
    SHOW_AS("request", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &bad[i], sizeof bad[i]));
  SHOW_AS("short", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &bad[0], 12));
  struct tpacket_req none = {0};
  SHOW_AS("none", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &none, sizeof none));
  close(s);
  s = opened(TPACKET_V3);
  struct tpacket_req3 three = {.tp_block_size = 4096, .tp_block_nr = 2, .tp_frame_size = 4096, .tp_frame_nr = 2,
                               .tp_sizeof_priv = 5000};
  SHOW_AS("all private", setsockopt(s, SOL_PACKET, PACKET_RX_RING, &three, sizeof three));
  close(s);
}

int main(void) {
  dt_start(30);
  lo = if_nametoindex("lo");
  own = 0x9800 + getpid() % 2048;
  slots();
  blocks();
  refused();
}
