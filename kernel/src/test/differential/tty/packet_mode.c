/* Packet mode of the master (TIOCPKT), flow control by ioctl, exclusive use. */
#include "difftest.h"
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int m, s;

static void packet(const char *label) {
  unsigned char b[100];
  dt_sleep_ms(15);
  struct pollfd p = {m, POLLIN | POLLPRI, 0};
  poll(&p, 1, 0);
  printf("%s: poll%s%s", label, p.revents & POLLIN ? " IN" : "", p.revents & POLLPRI ? " PRI" : "");
  fcntl(m, F_SETFL, O_NONBLOCK);
  errno = 0;
  ssize_t n = read(m, b, sizeof b);
  if (n < 0) printf(" %s\n", ename(errno));
  else {
    printf(" status %#x data [", b[0]);
    for (ssize_t i = 1; i < n; i++) printf(b[i] >= ' ' ? "%c" : "\\%03o", b[i]);
    printf("]\n");
  }
}

int main(void) {
  dt_start(20);
  MUST(openpty(&m, &s, NULL, NULL, NULL));
  int on = 1, v = -1;
  SHOW(ioctl(m, TIOCPKT, &on));
  SHOW(ioctl(m, TIOCGPKT, &v));
  printf("packet mode %d\n", v);
  SHOW(ioctl(s, TIOCPKT, &on));
  packet("nothing");
  write(s, "data\n", 5);
  packet("data");
  tcflush(s, TCIFLUSH);
  packet("input flushed");
  tcflush(s, TCOFLUSH);
  packet("output flushed");
  write(m, "\023", 1);
  packet("stopped by key");
  write(m, "\021", 1);
  packet("started by key");
  struct termios t;
  tcgetattr(s, &t);
  t.c_iflag &= ~IXON;
  tcsetattr(s, TCSANOW, &t);
  packet("no flow control");
  t.c_iflag |= IXON;
  tcsetattr(s, TCSANOW, &t);
  packet("flow control");
  int off = 0;
  SHOW(ioctl(m, TIOCPKT, &off));
  SHOW(tcflow(s, TCOOFF));
  fcntl(s, F_SETFL, O_NONBLOCK);
  SHOW_AS("stopped write", write(s, "x", 1));
  struct pollfd p = {s, POLLOUT, 0};
  SHOW_AS("stopped poll", poll(&p, 1, 0));
  SHOW(tcflow(s, TCOON));
  SHOW_AS("started write", write(s, "x", 1));
  SHOW(tcflow(s, TCIOFF));
  SHOW(tcflow(s, TCION));
  SHOW(tcflow(s, 9));
  unsigned char b[10];
  dt_sleep_ms(15);
  ssize_t n = read(m, b, 10);
  for (ssize_t i = 0; i < n; i++) printf("%d ", b[i]);
  printf("\n");
  SHOW(tcdrain(s));
  SHOW(tcsendbreak(s, 0));
  SHOW(ioctl(s, TIOCEXCL));
  SHOW(ioctl(s, TIOCGEXCL, &v));
  printf("exclusive %d\n", v);
  SHOW(ioctl(s, TIOCNXCL));
  SHOW(ioctl(s, TIOCGEXCL, &v));
  printf("exclusive %d\n", v);
  return 0;
}
