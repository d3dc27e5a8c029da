/* The line discipline: what is typed against what is read and echoed, in many modes. */
#include "difftest.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int m, s;
static struct termios base;

static void bytes(const char *b, ssize_t n) {
  for (ssize_t i = 0; i < n; i++) {
    unsigned char c = b[i];
    if (c >= ' ' && c < 127 && c != '\\') putchar(c);
    else printf("\\%03o", c);
  }
}

static void drain(const char *what, int fd, size_t max) {
  char b[9000];
  fcntl(fd, F_SETFL, O_NONBLOCK);
  printf("  %s:", what);
  for (int tries = 0; tries < 12;) {
    errno = 0;
    ssize_t n = read(fd, b, max);
    if (n < 0 && errno == EAGAIN) {
      if (++tries < 3) dt_sleep_ms(4);
      else break;
      continue;
    }
    printf(" [");
    if (n < 0) printf("%s", ename(errno));
    else if (n > 120) printf("%zd bytes %c", n, b[n - 1] == '\n' ? '$' : b[n - 1]);
    else bytes(b, n);
    printf("]");
    tries++;
  }
  printf("\n");
}

static void type_max(const char *label, struct termios t, const char *keys, size_t n, size_t max) {
  MUST(tcsetattr(s, TCSAFLUSH, &t));
  tcflush(m, TCIOFLUSH);
  printf("%s\n", label);
  write(m, keys, n);
  dt_sleep_ms(15);
  drain("read", s, max);
  drain("echo", m, 8192);
}

#define TYPE(label, t, keys) type_max(label, t, keys, sizeof keys - 1, 100)

static struct termios with(tcflag_t iset, tcflag_t iclr, tcflag_t oset, tcflag_t oclr, tcflag_t lset, tcflag_t lclr) {
  struct termios t = base;
  t.c_iflag = (t.c_iflag | iset) & ~iclr;
  t.c_oflag = (t.c_oflag | oset) & ~oclr;
  t.c_lflag = (t.c_lflag | lset) & ~lclr;
  return t;
}

static void editing(void) {
  TYPE("plain", base, "hello\r");
  TYPE("two lines", base, "a\nb\n");
  TYPE("incomplete", base, "abc");
  TYPE("erase", base, "abcd\177\177x\n");
  TYPE("erase too much", base, "a\177\177\177b\n");
  TYPE("word erase", base, "one two,three\027x\n");
  TYPE("word erase twice", base, "a b_c  \027\027z\n");
  TYPE("kill", base, "some text\025new\n");
  TYPE("control echo", base, "a\001b\033c\n");
  TYPE("erase control", base, "a\001\177b\n");
  TYPE("tab", base, "ab\tc\177\177d\n");
  TYPE("tabs", base, "\t\t\177x\n");
  TYPE("reprint", base, "abc\022d\n");
  TYPE("literal", base, "a\026\003b\026\177c\n");
  TYPE("literal newline", base, "a\026\nb\n");
  TYPE("literal return", base, "a\026\rb\n");
  TYPE("eof empty", base, "\004");
  TYPE("eof after text", base, "abc\004");
  TYPE("eof twice", base, "abc\004\004");
  type_max("eof at the end of the buffer", base, "abc\004def\n", 8, 3);
  type_max("short reads", base, "abcdefg\nhi\n", 11, 3);
  type_max("nul byte", base, "a\0b\n", 4, 100);
  TYPE("high bytes", base, "a\377\344b\177c\n");
  TYPE("utf8 erase", with(IUTF8, 0, 0, 0, 0, 0), "a\303\244\342\202\254\177\177b\n");
  struct termios t = base;
  t.c_cc[VEOL] = ';';
  t.c_cc[VEOL2] = '!';
  TYPE("eol", t, "a;b!c\n");
  t = base;
  t.c_cc[VERASE] = 0;
  type_max("no erase character", t, "a\177\0b\n", 5, 100);
}

static void modes(void) {
  TYPE("echo off", with(0, 0, 0, 0, 0, ECHO), "ab\177c\025d\n");
  TYPE("echonl", with(0, 0, 0, 0, ECHONL, ECHO), "ab\n");
  TYPE("echoe off", with(0, 0, 0, 0, 0, ECHOE), "ab\177\177c\n");
  TYPE("echok only", with(0, 0, 0, 0, 0, ECHOKE), "ab\025c\n");
  TYPE("no echok", with(0, 0, 0, 0, 0, ECHOKE | ECHOK), "ab\025c\n");
  TYPE("echoctl off", with(0, 0, 0, 0, 0, ECHOCTL), "a\001\177b\n");
  TYPE("echoprt", with(0, 0, 0, 0, ECHOPRT, 0), "abc\177\177d\177\177e\n");
  TYPE("iexten off", with(0, 0, 0, 0, 0, IEXTEN), "a b\027\022\026x\n");
  TYPE("icrnl off", with(0, ICRNL, 0, 0, 0, 0), "a\rb\n");
  TYPE("igncr", with(IGNCR, 0, 0, 0, 0, 0), "a\rb\n");
  TYPE("inlcr", with(INLCR, ICRNL, 0, 0, 0, 0), "a\nb");
  TYPE("istrip", with(ISTRIP, 0, 0, 0, 0, 0), "\301\302\n");
  TYPE("iuclc", with(IUCLC, 0, 0, 0, 0, 0), "ABc\n");
  TYPE("parmrk", with(PARMRK, 0, 0, 0, 0, 0), "a\377b\n");
  TYPE("parmrk istrip", with(PARMRK | ISTRIP, 0, 0, 0, 0, 0), "a\377b\n");
  TYPE("opost off", with(0, 0, 0, OPOST, 0, 0), "ab\n");
  TYPE("raw", with(0, ICRNL | IXON, 0, 0, 0, ICANON | ISIG), "a\r\003\177\004\021\n");
  TYPE("raw no echo", with(0, ICRNL | IXON, 0, 0, 0, ICANON | ISIG | ECHO), "a\rb");
  TYPE("isig without a session", base, "abc\003def\n");
  TYPE("isig noflsh", with(0, 0, 0, 0, NOFLSH, 0), "abc\003def\n");
  TYPE("ixon", base, "a\023b\021c\n");
  TYPE("ixany", with(IXANY, 0, 0, 0, 0, 0), "a\023bc\n");
  static char big[6000];
  memset(big, 'x', sizeof big);
  big[5999] = '\n';
  type_max("over-long line", with(0, 0, 0, 0, 0, ECHO), big, 6000, 8192);
  big[4500] = '\177';
  type_max("over-long line erased", with(0, 0, 0, 0, 0, ECHO), big, 6000, 8192);
}

static void switching(void) {
  struct termios t = with(0, 0, 0, 0, 0, ICANON);
  tcsetattr(s, TCSAFLUSH, &base);
  tcflush(m, TCIOFLUSH);
  write(m, "half", 4);
  dt_sleep_ms(15);
  tcsetattr(s, TCSANOW, &t);
  drain("canonical to raw", s, 100);
  write(m, "raw", 3);
  dt_sleep_ms(15);
  tcsetattr(s, TCSANOW, &base);
  drain("raw to canonical", s, 100);
  int n = -1;
  write(m, "one\ntwo\n\004thr", 12);
  dt_sleep_ms(15);
  ioctl(s, FIONREAD, &n);
  printf("canonical FIONREAD %d\n", n);
  tcflush(s, TCIFLUSH);
  ioctl(s, FIONREAD, &n);
  printf("flushed FIONREAD %d\n", n);
}

static void output(void) {
  struct { const char *label; tcflag_t set, clear; } out[] = {
    {"onlcr", 0, 0}, {"ocrnl", OCRNL, ONLCR}, {"onocr", ONOCR, ONLCR}, {"onlret", ONLRET, ONLCR},
    {"olcuc", OLCUC, 0}, {"tab3", TAB3, 0}, {"none", 0, OPOST},
  };
  for (unsigned i = 0; i < sizeof out / sizeof *out; i++) {
    struct termios t = with(0, 0, out[i].set, out[i].clear, 0, 0);
    tcsetattr(s, TCSAFLUSH, &t);
    tcflush(m, TCIOFLUSH);
    write(s, "a\n\rb\tC\b\td\re\n", 12);
    printf("%s\n", out[i].label);
    dt_sleep_ms(15);
    drain("output", m, 8192);
  }
}

int main(void) {
  dt_start(60);
  MUST(openpty(&m, &s, NULL, NULL, NULL));
  tcgetattr(s, &base);
  editing();
  modes();
  switching();
  output();
  return 0;
}
