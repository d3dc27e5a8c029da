/*
 * Transfers in quick succession, which a kernel may serve while the caller waits in user mode; those that must wait in the
 * middle, those that are interrupted, those whose buffers are bad or change hands: no byte is lost, doubled or torn.
 */
#include "difftest.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { MANY = 3000 };

static unsigned char pattern(long at) { return (unsigned char)(at * 7 + (at >> 8) * 13); }

static void through_one_pipe(void) {
  int p[2];
  MUST(pipe(p));
  bool right = true;
  for (int i = 0; i < MANY && right; i++) {
    char b = (char)i, c = 0;
    right = write(p[1], &b, 1) == 1 && read(p[0], &c, 1) == 1 && b == c;
  }
  dt_truth("bytes through a pipe", right);
  struct iovec out[3] = {{"ab", 2}, {"", 0}, {"cde", 3}};
  for (int i = 0; i < MANY && right; i++) {
    char x[2], y[4];
    struct iovec in[2] = {{x, 2}, {y, 4}};
    right = writev(p[1], out, 3) == 5 && readv(p[0], in, 2) == 5 && memcmp(x, "ab", 2) == 0 && memcmp(y, "cde", 3) == 0;
  }
  dt_truth("vectors through a pipe", right);
  close(p[0]);
  close(p[1]);
}

/* Both sides block all the time. */
static void there_and_back(int a[2], int b[2], const char *label) {
  pid_t child = MUST(fork());
  if (child == 0) {
    unsigned char c;
    while (read(a[0], &c, 1) == 1 && c != 255) {
      c ^= 0x55;
      if (write(b[1], &c, 1) != 1) _exit(1);
    }
    _exit(0);
  }
  bool right = true;
  for (int i = 0; i < 1000 && right; i++) {
    unsigned char out = i % 250, in = 0;
    right = write(a[1], &out, 1) == 1 && read(b[0], &in, 1) == 1 && in == (out ^ 0x55);
  }
  write(a[1], "\377", 1);
  dt_truth(label, right);
  dt_reap(label, child);
}

/* The writer's calls are taken in parts. */
static void in_parts(int from, int to, const char *label) {
  enum { TOTAL = 900000, PIECE = 10007 };
  pid_t child = MUST(fork());
  if (child == 0) {
    close(from);
    static unsigned char piece[PIECE];
    for (long at = 0; at < TOTAL;) {
      long n = TOTAL - at < PIECE ? TOTAL - at : PIECE;
      for (long i = 0; i < n; i++) piece[i] = pattern(at + i);
      if (write(to, piece, n) != n) _exit(1);
      at += n;
    }
    _exit(0);
  }
  close(to);
  static unsigned char buffer[5000];
  long at = 0;
  bool right = true;
  for (ssize_t n; (n = read(from, buffer, 1 + at % 4999)) > 0; at += n) {
    for (long i = 0; i < n; i++) right = right && buffer[i] == pattern(at + i);
  }
  dt_truth(label, right && at == TOTAL);
  close(from);
  dt_reap(label, child);
}

/* Records of up to PIPE_BUF bytes of several writers do not mix. */
static void records(void) {
  int p[2];
  MUST(pipe(p));
  pid_t child[3];
  for (int w = 0; w < 3; w++) {
    child[w] = MUST(fork());
    if (child[w] == 0) {
      static char record[4096];
      memset(record, 'a' + w, sizeof record);
      for (int i = 0; i < 200; i++)
        if (write(p[1], record, sizeof record) != sizeof record) _exit(1);
      _exit(0);
    }
  }
  close(p[1]);
  static char record[4096];
  int count[3] = {0, 0, 0};
  bool whole = true;
  for (size_t have = 0;;) {
    ssize_t n = read(p[0], record + have, sizeof record - have);
    if (n <= 0) break;
    have += n;
    if (have == sizeof record) {
      for (size_t i = 1; i < have; i++) whole = whole && record[i] == record[0];
      count[record[0] - 'a']++;
      have = 0;
    }
  }
  printf("records %d %d %d\n", count[0], count[1], count[2]);
  dt_truth("records are whole", whole);
  close(p[0]);
  for (int w = 0; w < 3; w++) dt_reap("writer", child[w]);
}

static void message_parts(void) {
  int s[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(s[0]);
    for (int i = 0; i < 3000; i++) {
      unsigned char piece[7];
      for (int j = 0; j < 7; j++) piece[j] = pattern(i * 7L + j);
      if (send(s[1], piece, 7, 0) != 7) _exit(1);
    }
    _exit(0);
  }
  close(s[1]);
  bool right = true;
  static unsigned char all[1000];
  for (int i = 0; i < 21 && right; i++) {
    right = recv(s[0], all, sizeof all, MSG_WAITALL) == sizeof all;
    for (long j = 0; j < 1000; j++) right = right && all[j] == pattern(i * 1000L + j);
  }
  dt_truth("MSG_WAITALL", right);
  SHOW_AS("the end", recv(s[0], all, sizeof all, MSG_WAITALL));
  close(s[0]);
  dt_reap("sender", child);
}

static void fifo(void) {
  char name[] = "/tmp/quick_fifo_XXXXXX";
  MUST(mkdtemp(name));
  char path[64];
  snprintf(path, sizeof path, "%s/f", name);
  MUST(mkfifo(path, 0600));
  pid_t child = MUST(fork());
  if (child == 0) {
    for (int i = 0; i < 300; i++) {
      int fd = open(path, O_WRONLY);
      unsigned char b = i;
      if (fd < 0 || write(fd, &b, 1) != 1) _exit(1);
      close(fd);
      // The reader must have seen the end before the next open counts as a writer.
      fd = open(path, O_RDONLY);
      if (fd < 0 || read(fd, &b, 1) != 1 || b != (unsigned char)(i ^ 1)) _exit(2);
      close(fd);
    }
    _exit(0);
  }
  bool right = true;
  for (int i = 0; i < 300 && right; i++) {
    unsigned char b = 0, c = i ^ 1;
    int fd = open(path, O_RDONLY);
    right = fd >= 0 && read(fd, &b, 1) == 1 && b == (unsigned char)i && read(fd, &b, 1) == 0;
    close(fd);
    fd = open(path, O_WRONLY);
    right = right && fd >= 0 && write(fd, &c, 1) == 1;
    close(fd);
  }
  dt_truth("a FIFO opens when both sides do", right);
  if (!right) kill(child, SIGKILL);
  dt_reap("other side", child);
  unlink(path);
  rmdir(name);
}

static void over_loopback(void) {
  int listener = MUST(socket(AF_INET, SOCK_STREAM, 0));
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  MUST(bind(listener, (struct sockaddr *)&at, size));
  MUST(listen(listener, 5));
  MUST(getsockname(listener, (struct sockaddr *)&at, &size));
  pid_t child = MUST(fork());
  if (child == 0) {
    int c = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c, (struct sockaddr *)&at, sizeof at) != 0) _exit(1);
    for (int i = 0; i < 1000; i++) {
      char out[32], in[32];
      memset(out, i, sizeof out);
      if (send(c, out, sizeof out, 0) != sizeof out) _exit(2);
      if (recv(c, in, sizeof in, MSG_WAITALL) != sizeof in || memcmp(in, out, sizeof in) != 0) _exit(3);
    }
    _exit(0);
  }
  int c = MUST(accept4(listener, NULL, NULL, SOCK_NONBLOCK));
  int e = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLIN, .data.fd = c};
  MUST(epoll_ctl(e, EPOLL_CTL_ADD, c, &event));
  long bytes = 0;
  for (bool open = true; open;) {
    struct epoll_event got[4];
    if (epoll_wait(e, got, 4, -1) != 1) break;
    char buffer[512];
    ssize_t n;
    while ((n = read(c, buffer, sizeof buffer)) > 0) {
      if (write(c, buffer, n) != n) break;
      bytes += n;
    }
    open = n == -1 && errno == EAGAIN;
  }
  printf("echoed %ld\n", bytes);
  dt_reap("client", child);
  close(c);
  close(e);
  close(listener);
}

static void polls(void) {
  int p[2];
  MUST(pipe(p));
  struct pollfd f[2] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}};
  bool right = true;
  for (int i = 0; i < MANY && right; i++) {
    char b = 0;
    right = poll(f, 2, -1) == 1 && f[1].revents == POLLOUT && f[0].revents == 0;
    right = right && write(p[1], &b, 1) == 1 && poll(f, 2, 0) == 2 && f[0].revents == POLLIN;
    right = right && read(p[0], &b, 1) == 1 && poll(f, 1, 0) == 0;
  }
  dt_truth("poll", right);
  close(p[1]);
  for (int i = 0; i < 20 && right; i++) right = poll(f, 1, 5) == 1 && f[0].revents == POLLHUP;
  dt_truth("poll sees the end", right);
  close(p[0]);
}

int main(void) {
  dt_start(100);
  int a[2], b[2];
  through_one_pipe();
  MUST(pipe(a));
  MUST(pipe(b));
  there_and_back(a, b, "pipes there and back");
  int s[2], t[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, t));
  int out[2] = {s[0], s[1]}, back[2] = {t[0], t[1]};
  there_and_back(out, back, "sockets there and back");
  MUST(pipe(a));
  in_parts(a[0], a[1], "a pipe in parts");
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
  in_parts(s[0], s[1], "a socket in parts");
  records();
  message_parts();
  fifo();
  over_loopback();
  polls();
  return 0;
}
