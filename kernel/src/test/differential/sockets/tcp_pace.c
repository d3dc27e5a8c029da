/* SO_MAX_PACING_RATE in words and longs, and the options of TCP Fast Open on the loopback. */
#include "difftest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#ifndef SO_MAX_PACING_RATE
#define SO_MAX_PACING_RATE 47
#endif
#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT 30
#endif

static int s;

static void word(const char *what, int level, int option, int value) {
  SHOW_AS(what, setsockopt(s, level, option, &value, sizeof value));
  int got = 77;
  socklen_t n = sizeof got;
  int r = getsockopt(s, level, option, &got, &n);
  printf("  get: %d, value %d, length %d\n", r, got, (int)n);
}

static void rate(unsigned long value) {
  int r = setsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &value, sizeof value);
  unsigned long got = 77;
  socklen_t n = sizeof got;
  int g = getsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &got, &n);
  printf("rate %lu: %d, get: %d, value %lu, length %d\n", value, r, g, got, (int)n);
}

int main(void) {
  dt_start(20);
  s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  rate(1000000);
  rate(5000000000UL);
  rate(-1UL);
  word("a word", SOL_SOCKET, SO_MAX_PACING_RATE, 125000);
  word("all ones", SOL_SOCKET, SO_MAX_PACING_RATE, -1);
  char few[2] = {1, 1};
  SHOW_AS("two bytes", setsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, few, sizeof few));

  word("fast open queue -1", IPPROTO_TCP, TCP_FASTOPEN, -1);
  word("fast open queue 5", IPPROTO_TCP, TCP_FASTOPEN, 5);
  word("fast open connect 2", IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 2);
  word("fast open connect 1", IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);

  int l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  MUST(bind(l, (struct sockaddr *)&a, n));
  MUST(listen(l, 5));
  MUST(getsockname(l, (struct sockaddr *)&a, &n));
  SHOW_AS("connect", connect(s, (struct sockaddr *)&a, n));
  SHOW_AS("again", connect(s, (struct sockaddr *)&a, n));
  word("fast open connect, connected", IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0);
  int c = MUST(accept(l, 0, 0));
  SHOW_AS("write", write(s, "hello", 5));
  char b[16];
  SHOW_AS("read", read(c, b, sizeof b));
  return 0;
}
