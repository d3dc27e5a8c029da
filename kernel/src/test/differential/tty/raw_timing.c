/* VMIN and VTIME (termios(3), "noncanonical mode"), blocking reads, poll in raw mode. */
#include "difftest.h"
#include <poll.h>
#include <pty.h>
#include <termios.h>

static int m, s;

static void mode(int vmin, int vtime) {
  struct termios t;
  tcgetattr(s, &t);
  cfmakeraw(&t);
  t.c_cc[VMIN] = vmin;
  t.c_cc[VTIME] = vtime;
  MUST(tcsetattr(s, TCSAFLUSH, &t));
}

static void *later(void *text) {
  for (const char *p = text; *p; p++) {
    dt_sleep_ms(60);
    write(m, p, 1);
  }
  return NULL;
}

/* Bounds are wide: a machine under load is slow. */
static void timed(const char *label, int vmin, int vtime, const char *now, const char *after, size_t want, long least) {
  mode(vmin, vtime);
  pthread_t th;
  if (*now) write(m, now, strlen(now));
  dt_sleep_ms(20);
  pthread_create(&th, NULL, later, (void *)after);
  char b[100];
  long t0 = dt_now_ms();
  errno = 0;
  ssize_t n = read(s, b, want);
  long ms = dt_now_ms() - t0;
  printf("%s: %zd %s %s\n", label, n, n < 0 ? ename(errno) : "", ms >= least - 12 ? "not too early" : "too early");
  pthread_join(th, NULL);
}

static void pollin(const char *label) {
  struct pollfd p = {s, POLLIN, 0};
  printf("%s: %d\n", label, poll(&p, 1, 0));
}

int main(void) {
  dt_start(30);
  MUST(openpty(&m, &s, NULL, NULL, NULL));
  timed("min 0 time 0 empty", 0, 0, "", "", 10, 0);
  timed("min 0 time 0 data", 0, 0, "abc", "", 10, 0);
  timed("min 0 time 3 empty", 0, 3, "", "", 10, 300);
  timed("min 0 time 20 arrives", 0, 20, "", "x", 10, 60);
  timed("min 1 time 0 data", 1, 0, "abc", "", 10, 0);
  timed("min 1 time 0 arrives", 1, 0, "", "x", 10, 60);
  timed("min 3 time 0", 3, 0, "a", "bc", 10, 120);
  timed("min 3 small buffer", 3, 0, "ab", "", 2, 0);
  timed("min 5 time 2 data", 5, 2, "ab", "", 10, 200);
  timed("min 5 time 10 arrives", 5, 10, "", "ab", 10, 1100);
  mode(3, 0);
  pollin("poll min 3 empty");
  write(m, "ab", 2);
  dt_sleep_ms(20);
  pollin("poll min 3 two bytes");
  write(m, "c", 1);
  dt_sleep_ms(20);
  pollin("poll min 3 three bytes");
  mode(3, 1);
  write(m, "a", 1);
  dt_sleep_ms(20);
  pollin("poll min 3 time 1 one byte");
  fcntl(s, F_SETFL, O_NONBLOCK);
  mode(5, 0);
  char b[10];
  SHOW(read(s, b, 10));
  write(m, "ab", 2);
  dt_sleep_ms(20);
  SHOW(read(s, b, 10));
  mode(0, 5);
  SHOW(read(s, b, 10));
  mode(0, 0);
  SHOW(read(s, b, 10));
  return 0;
}
