/* sendto with MSG_FASTOPEN, which connects: without a cookie, so that nothing goes with the SYN. */
#include "difftest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static struct sockaddr_in to = {.sin_family = AF_INET};
static int l;

static void echo(int s) {
  char b[100];
  int p = MUST(accept(l, 0, 0));
  int n = recv(p, b, sizeof b, 0);
  printf("  peer has %d: %.*s\n", n, n, b);
  SHOW(send(p, "answer", 6, 0));
  n = recv(s, b, sizeof b, 0);
  printf("  have %d\n", n);
  close(p);
}

int main(void) {
  l = MUST(socket(AF_INET, SOCK_STREAM, 0));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t n = sizeof to;
  MUST(bind(l, (void *)&to, n));
  MUST(listen(l, 5));
  MUST(getsockname(l, (void *)&to, &n));

  printf("blocking\n");
  int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  SHOW(sendto(s, "data", 4, MSG_FASTOPEN, (void *)&to, n));
  echo(s);
  SHOW(sendto(s, "more", 4, MSG_FASTOPEN, (void *)&to, n));
  close(s);

  printf("not blocking\n");
  s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  int r = sendto(s, "data", 4, MSG_FASTOPEN | MSG_DONTWAIT, (void *)&to, n);
  printf("  %d %s\n", r, ename(r < 0 ? errno : 0));
  struct pollfd p = {s, POLLOUT, 0};
  SHOW(poll(&p, 1, 3000));
  SHOW(send(s, "data", 4, 0));
  echo(s);
  close(s);

  printf("errors\n");
  s = MUST(socket(AF_INET, SOCK_STREAM, 0));
  struct sockaddr_in none = {.sin_family = AF_UNSPEC};
  SHOW(sendto(s, "data", 4, MSG_FASTOPEN, (void *)&none, sizeof none));
  SHOW(send(s, "data", 4, MSG_FASTOPEN));
  SHOW(sendto(s, "data", 4, MSG_FASTOPEN, (void *)&to, 8));
  struct sockaddr_in refusing = to;
  int other = MUST(socket(AF_INET, SOCK_STREAM, 0));
  refusing.sin_port = 0;
  MUST(bind(other, (void *)&refusing, n));
  MUST(getsockname(other, (void *)&refusing, &n));
  signal(SIGPIPE, SIG_IGN);
  SHOW(sendto(s, "data", 4, MSG_FASTOPEN, (void *)&refusing, n));
  SHOW(sendto(s, "data", 4, MSG_FASTOPEN, (void *)&to, n));
  echo(s);
  return 0;
}
