/* Pseudo-terminals: making, naming, locking, attributes, both ends' ioctls, closing either end. */
#include "difftest.h"
#include <dirent.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>

static void show(const char *label, int fd) {
  char b[200];
  errno = 0;
  ssize_t n = read(fd, b, sizeof b);
  printf("%s: %zd %s [", label, n, n < 0 ? ename(errno) : "");
  for (ssize_t i = 0; i < n; i++) {
    if (b[i] >= ' ' && b[i] < 127) putchar(b[i]);
    else printf("\\%03o", b[i] & 0xff);
  }
  printf("]\n");
}

static void events(const char *label, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI, 0};
  int n = poll(&p, 1, 0);
  printf("%s: %d%s%s%s%s%s\n", label, n, p.revents & POLLIN ? " IN" : "", p.revents & POLLOUT ? " OUT" : "",
         p.revents & POLLPRI ? " PRI" : "", p.revents & POLLHUP ? " HUP" : "", p.revents & POLLERR ? " ERR" : "");
}

int main(void) {
  dt_start(20);
  if (fork() > 0) {
    int status;
    wait(&status);
    dt_status("test", status);
    return 0;
  }
  setsid();
  int m = MUST(posix_openpt(O_RDWR | O_NOCTTY));
  int locked = -1;
  SHOW(ioctl(m, TIOCGPTLCK, &locked));
  IS(locked == 1);
  char name[100];
  SHOW(ptsname_r(m, name, sizeof name));
  IS(strncmp(name, "/dev/pts/", 9) == 0);
  SHOW(open(name, O_RDWR | O_NOCTTY));
  SHOW(grantpt(m));
  SHOW(unlockpt(m));
  struct stat st;
  SHOW(stat(name, &st));
  IS(S_ISCHR(st.st_mode));
  IS(major(st.st_rdev) == 136);
  events("master before the slave is open", m);
  SHOW(write(m, "early\n", 6));
  int s = MUST(open(name, O_RDWR | O_NOCTTY));
  IS(isatty(m) && isatty(s));
  char again[100];
  SHOW(ttyname_r(s, again, sizeof again));
  IS(strcmp(name, again) == 0);
  show("early line", s);
  show("early echo", m);
  struct termios t = {0};
  SHOW(tcgetattr(s, &t));
  printf("%o %o %o %o\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
  for (int i = 0; i < 17; i++) printf("%d ", t.c_cc[i]);
  printf("\n");
  IS(cfgetospeed(&t) == B38400);
  struct termios tm = {0};
  SHOW(tcgetattr(m, &tm));
  IS(memcmp(&t, &tm, sizeof t) == 0);
  t.c_cflag = CS7 | PARENB | B9600;
  SHOW(tcsetattr(s, TCSANOW, &t));
  SHOW(tcgetattr(s, &t));
  printf("cflag %o speed %d\n", t.c_cflag, cfgetospeed(&t) == B9600);
  int v = -1;
  SHOW(ioctl(s, TIOCGPTN, &v));
  SHOW(ioctl(s, TIOCGETD, &v));
  printf("discipline %d\n", v);
  v = 99;
  SHOW(ioctl(s, TIOCSETD, &v));
  SHOW(ioctl(s, TIOCMGET, &v));
  SHOW(ioctl(s, TIOCOUTQ, &v));
  SHOW(ioctl(s, 0x5499, &v));
  SHOW(ioctl(s, TIOCGPGRP, &v));
  SHOW(ioctl(m, TIOCGPGRP, &v));
  SHOW(ioctl(m, TIOCGSID, &v));
  SHOW(ioctl(s, TCFLSH, 7));
  SHOW(ioctl(s, TCGETS, 8));
  SHOW(lseek(s, 0, SEEK_SET));
  SHOW(pread(s, again, 1, 0));
  struct winsize w = {30, 90, 1, 2};
  SHOW(ioctl(m, TIOCSWINSZ, &w));
  memset(&w, 0, sizeof w);
  SHOW(ioctl(s, TIOCGWINSZ, &w));
  printf("%d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
  events("idle master", m);
  events("idle slave", s);
  write(s, "out\n\ttab", 8);
  dt_sleep_ms(15);
  SHOW(ioctl(m, FIONREAD, &v));
  printf("to read %d\n", v);
  show("output", m);
  int peer = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY);
  IS(peer >= 0);
  SHOW(ttyname_r(peer, again, sizeof again));
  IS(strcmp(name, again) == 0);
  close(peer);
  int extra = MUST(dup(s));
  close(s);
  events("one slave of two closed", m);
  close(extra);
  events("all slaves closed", m);
  show("master without slaves", m);
  s = MUST(open(name, O_RDWR | O_NOCTTY));
  events("slave open again", m);
  write(m, "typed", 5);
  int dead = -1;
  ioctl(m, TIOCGPTN, &dead);
  close(m);
  events("slave after the master", s);
  show("slave after the master", s);
  SHOW(write(s, "x", 1));
  SHOW(tcgetattr(s, &t));
  SHOW(tcsetpgrp(s, getpgrp()));
  SHOW(open(name, O_RDWR | O_NOCTTY));
  SHOW(stat(name, &st));
  SHOW(open("/dev/tty", O_RDWR));
  int m1, s1, m2, s2;
  MUST(openpty(&m1, &s1, NULL, NULL, NULL));
  MUST(openpty(&m2, &s2, NULL, NULL, NULL));
  int n1 = -1, n2 = -1;
  ioctl(m1, TIOCGPTN, &n1);
  ioctl(m2, TIOCGPTN, &n2);
  IS(n1 != n2);
  IS(n1 != dead && n2 != dead);
  DIR *d = opendir("/dev/pts");
  int found = 0;
  for (struct dirent *e; d && (e = readdir(d));) {
    if (atoi(e->d_name) == n1 && e->d_name[0] != 'p' && e->d_name[0] != '.') found++;
    if (atoi(e->d_name) == n2 && e->d_name[0] != 'p' && e->d_name[0] != '.') found++;
  }
  printf("found %d\n", found);
  return 0;
}
