/* Waiting: MSG_WAITALL, SO_RCVLOWAT, timeouts, signals with and without SA_RESTART, MSG_PEEK with an offset. */
#include "difftest.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static int p[2];
static atomic_int step;

static void *writer(void *arg) {
  const char *how = arg;
  for (; *how; how++) {
    dt_sleep_ms(60);
    if (*how == 'w') write(p[1], "12345", 5);
    if (*how == 'c') close(p[1]);
    if (*how == 's') shutdown(p[1], SHUT_WR);
  }
  return NULL;
}

static void waits(int type, const char *how, size_t n, int flags, int low) {
  MUST(socketpair(AF_UNIX, type, 0, p));
  if (low) MUST(setsockopt(p[0], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof low));
  pthread_t t;
  pthread_create(&t, NULL, writer, (void *)how);
  char b[64];
  errno = 0;
  long r = recv(p[0], b, n, flags);
  int e = errno;
  pthread_join(t, NULL);
  printf("type %d '%s' %zu flags %#x low %d: %ld %s\n", type, how, n, flags, low, r, ename(r < 0 ? e : 0));
  close(p[0]);
  if (!strchr(how, 'c')) close(p[1]);
}

static int handled;
static void on_signal(int sig) {
  (void)sig;
  handled++;
  if (handled == 2) write(p[1], "x", 1);
}

static pthread_t main_thread;
static void *signaller(void *arg) {
  for (int i = 0; i < (int)(long)arg; i++) {
    dt_sleep_ms(80);
    pthread_kill(main_thread, SIGUSR1);
  }
  return NULL;
}

static void interrupted(const char *label, int restart, int timeout_ms, int count, int type) {
  MUST(socketpair(AF_UNIX, type, 0, p));
  struct sigaction sa = {.sa_handler = on_signal, .sa_flags = restart ? SA_RESTART : 0};
  sigaction(SIGUSR1, &sa, NULL);
  struct timeval tv = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
  if (timeout_ms) MUST(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  handled = 0;
  main_thread = pthread_self();
  pthread_t t;
  pthread_create(&t, NULL, signaller, (void *)(long)count);
  char b[4];
  errno = 0;
  long r = recv(p[0], b, 4, 0);
  int e = errno;
  pthread_join(t, NULL);
  printf("%s: %ld %s\n", label, r, ename(r < 0 ? e : 0));
  close(p[0]);
  close(p[1]);
}

static void partial(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  struct sigaction sa = {.sa_handler = SIG_IGN};
  sigaction(SIGUSR1, &sa, NULL);
  handled = 5;
  sa.sa_handler = on_signal;
  sa.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &sa, NULL);
  MUST(write(p[1], "abc", 3));
  main_thread = pthread_self();
  pthread_t t;
  pthread_create(&t, NULL, signaller, (void *)1L);
  char b[64];
  SHOW(recv(p[0], b, 64, MSG_WAITALL));
  pthread_join(t, NULL);
  static char big[1 << 20];
  pthread_create(&t, NULL, signaller, (void *)1L);
  long n = write(p[0], big, sizeof big);
  IS(n > 0 && n < (long)sizeof big);
  pthread_join(t, NULL);
  close(p[0]);
  close(p[1]);
}

static void timeouts(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  struct timeval tv = {0, 100000};
  MUST(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  MUST(setsockopt(p[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv));
  char b[8];
  long start = dt_now_ms();
  SHOW(read(p[0], b, 8));
  SHOW(recv(p[0], b, 8, 0));
  IS(dt_now_ms() - start >= 180);
  MUST(write(p[1], "ab", 2));
  SHOW(recv(p[0], b, 8, MSG_WAITALL));
  static char big[1 << 20];
  SHOW(write(p[0], big, sizeof big));
  SHOW(write(p[0], big, 10));
  close(p[0]);
  close(p[1]);
}

static void peeking(int type) {
  MUST(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, p));
  int off = 2;
  MUST(setsockopt(p[0], SOL_SOCKET, SO_PEEK_OFF, &off, sizeof off));
  MUST(write(p[1], "abcd", 4));
  MUST(write(p[1], "efgh", 4));
  for (int i = 0; i < 5; i++) {
    char b[16] = "";
    long n = recv(p[0], b, 3, MSG_PEEK);
    socklen_t l = sizeof off;
    getsockopt(p[0], SOL_SOCKET, SO_PEEK_OFF, &off, &l);
    printf("type %d peek %ld '%s' offset %d\n", type, n, n > 0 ? b : "", off);
    if (i == 1) {
      memset(b, 0, sizeof b);
      n = recv(p[0], b, 3, 0);
      getsockopt(p[0], SOL_SOCKET, SO_PEEK_OFF, &off, &l);
      printf("read %ld '%s' offset %d\n", n, b, off);
    }
  }
  close(p[0]);
  close(p[1]);
}

int main(void) {
  dt_start(50);
  signal(SIGPIPE, SIG_IGN);
  waits(SOCK_STREAM, "ww", 10, MSG_WAITALL, 0);
  waits(SOCK_STREAM, "wwc", 20, MSG_WAITALL, 0);
  waits(SOCK_STREAM, "wws", 20, MSG_WAITALL, 0);
  waits(SOCK_STREAM, "ww", 10, 0, 0);
  waits(SOCK_STREAM, "ww", 20, 0, 8);
  waits(SOCK_STREAM, "wc", 20, 0, 8);
  waits(SOCK_STREAM, "w", 3, MSG_WAITALL, 0);
  waits(SOCK_STREAM, "w", 0, 0, 0);
  waits(SOCK_DGRAM, "ww", 10, MSG_WAITALL, 0);
  waits(SOCK_SEQPACKET, "ww", 10, MSG_WAITALL, 0);
  waits(SOCK_SEQPACKET, "c", 10, MSG_WAITALL, 0);
  interrupted("restart", 1, 0, 3, SOCK_STREAM);
  interrupted("no restart", 0, 0, 3, SOCK_STREAM);
  interrupted("restart with timeout", 1, 2000, 3, SOCK_STREAM);
  interrupted("datagram restart", 1, 0, 3, SOCK_DGRAM);
  interrupted("datagram no restart", 0, 0, 3, SOCK_DGRAM);
  partial();
  timeouts();
  peeking(SOCK_STREAM);
  peeking(SOCK_DGRAM);
  (void)step;
  return 0;
}
