/*
 * Two that wait for each other in turn, briefly, so that a kernel may let each wait in user mode and have the other one's
 * calls served for it: whatever they wait with, nothing is lost, doubled or late, and ends, signals and bad buffers are noticed.
 */
#include "difftest.h"
#include <arpa/inet.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum { ROUNDS = 1500, END = 255 };

/* Takes a byte when there is one. */
typedef ssize_t taker(int fd, unsigned char *byte);

static ssize_t by_read(int fd, unsigned char *byte) { return read(fd, byte, 1); }

static ssize_t by_recv(int fd, unsigned char *byte) { return recv(fd, byte, 1, 0); }

static ssize_t by_vector(int fd, unsigned char *byte) {
  struct iovec one = {byte, 1};
  return readv(fd, &one, 1);
}

static ssize_t by_message(int fd, unsigned char *byte) {
  struct iovec one = {byte, 1};
  struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1};
  return recvmsg(fd, &message, 0);
}

static ssize_t by_poll(int fd, unsigned char *byte) {
  struct pollfd one = {fd, POLLIN, 0};
  return poll(&one, 1, -1) == 1 && (one.revents & POLLIN) ? read(fd, byte, 1) : -2;
}

static ssize_t by_epoll(int fd, unsigned char *byte) {
  static int set = -1, watched = -1;
  struct epoll_event event = {.events = EPOLLIN};
  if (watched != fd) {
    if (set != -1) close(set);
    set = epoll_create1(0);
    watched = fd;
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0) return -3;
  }
  return epoll_wait(set, &event, 1, -1) == 1 ? read(fd, byte, 1) : -2;
}

static int partner(int in, int out, taker *take) {
  unsigned char b;
  ssize_t n;
  while ((n = take(in, &b)) == 1 && b != END) {
    b ^= 0x55;
    if (write(out, &b, 1) != 1) return 1;
  }
  return n == 1 ? 0 : 2;
}

static bool play(int in, int out, taker *take, int rounds) {
  for (int i = 0; i < rounds; i++) {
    unsigned char give = i % 200, got = 0;
    if (write(out, &give, 1) != 1 || take(in, &got) != 1 || got != (give ^ 0x55)) return false;
  }
  return true;
}

static void between_processes(const char *label, int ours[2], int theirs[2], taker *take) {
  pid_t child = MUST(fork());
  if (child == 0) _exit(partner(theirs[0], theirs[1], take));
  dt_truth(label, play(ours[0], ours[1], take, ROUNDS));
  unsigned char end = END;
  MUST(write(ours[1], &end, 1));
  dt_reap(label, child);
}

static void by_pipes(const char *label, taker *take) {
  int there[2], back[2];
  MUST(pipe(there));
  MUST(pipe(back));
  between_processes(label, (int[]){back[0], there[1]}, (int[]){there[0], back[1]}, take);
  close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

static void by_sockets(const char *label, int kind, taker *take) {
  int s[2];
  MUST(socketpair(AF_UNIX, kind, 0, s));
  between_processes(label, (int[]){s[0], s[0]}, (int[]){s[1], s[1]}, take);
  close(s[0]), close(s[1]);
}

static void by_tcp(const char *label, taker *take) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof at;
  int listener = MUST(socket(AF_INET, SOCK_STREAM, 0)), one = 1;
  MUST(bind(listener, (void *)&at, sizeof at));
  MUST(listen(listener, 1));
  MUST(getsockname(listener, (void *)&at, &size));
  int near = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(connect(near, (void *)&at, sizeof at));
  int far = MUST(accept(listener, NULL, NULL));
  setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  between_processes(label, (int[]){near, near}, (int[]){far, far}, take);
  close(near), close(far), close(listener);
}

static void by_counters(void) {
  int there = MUST(eventfd(0, 0)), back = MUST(eventfd(0, 0));
  pid_t child = MUST(fork());
  uint64_t n;
  if (child == 0) {
    for (int i = 0; i < ROUNDS; i++) {
      if (read(there, &n, 8) != 8 || n != (uint64_t)i + 1) _exit(1);
      n += 7;
      if (write(back, &n, 8) != 8) _exit(2);
    }
    _exit(0);
  }
  bool right = true;
  for (int i = 0; i < ROUNDS && right; i++) {
    n = i + 1;
    right = write(there, &n, 8) == 8 && read(back, &n, 8) == 8 && n == (uint64_t)i + 8;
  }
  dt_truth("counters", right);
  dt_reap("counters", child);
  close(there), close(back);
}

/* The word says whose turn it is. */
static bool turns(atomic_int *word, int me, int rounds, int private) {
  for (int i = 0; i < rounds; i++) {
    while (atomic_load(word) != me)
      if (syscall(SYS_futex, word, FUTEX_WAIT | private, !me, NULL) == -1 && errno != EAGAIN && errno != EINTR) return false;
    atomic_store(word, !me);
    if (syscall(SYS_futex, word, FUTEX_WAKE | private, 1) == -1) return false;
  }
  return true;
}

static atomic_int shared_by_threads;

static void *second(void *unused UNUSED) {
  return turns(&shared_by_threads, 1, ROUNDS, FUTEX_PRIVATE_FLAG) ? NULL : (void *)1;
}

static void by_futex(void) {
  pthread_t other;
  void *wrong;
  pthread_create(&other, NULL, second, NULL);
  dt_truth("futex of threads", turns(&shared_by_threads, 0, ROUNDS, FUTEX_PRIVATE_FLAG));
  pthread_join(other, &wrong);
  dt_truth("the other one", wrong == NULL);
  atomic_int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = MUST(fork());
  if (child == 0) _exit(turns(word, 1, ROUNDS, 0) ? 0 : 1);
  dt_truth("futex of processes", turns(word, 0, ROUNDS, 0));
  dt_reap("futex of processes", child);
  munmap(word, 4096);
}

/* The partner goes away, at the end or killed: who waits finds the end of file, or SIGPIPE's error. */
static void ends(void) {
  bool right = true;
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < 40 && right; i++) {
    int there[2], back[2];
    unsigned char b = 1;
    MUST(pipe(there));
    MUST(pipe(back));
    pid_t child = MUST(fork());
    if (child == 0) {
      close(there[1]), close(back[0]);
      for (int j = 0; j < 60; j++)
        if (read(there[0], &b, 1) != 1 || write(back[1], &b, 1) != 1) _exit(1);
      if (i % 2) for (;;) read(there[0], &b, 1);
      _exit(0);
    }
    close(there[0]), close(back[1]);
    for (int j = 0; j < 60; j++) right = right && write(there[1], &b, 1) == 1 && read(back[0], &b, 1) == 1;
    if (i % 2) kill(child, SIGKILL);
    right = right && read(back[0], &b, 1) == 0 && waitpid(child, NULL, 0) == child;
    right = right && write(there[1], &b, 1) == -1 && errno == EPIPE;
    close(there[1]), close(back[0]);
  }
  dt_truth("ends are noticed", right);
  signal(SIGPIPE, SIG_DFL);
}

static atomic_int ticks;

static void tick(int sig UNUSED) { ticks++; }

/* A timer interrupts both, which take it as a reason to try again. */
static void interrupted(void) {
  int there[2], back[2];
  struct sigaction action = {.sa_handler = tick};
  struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
  MUST(pipe(there));
  MUST(pipe(back));
  sigaction(SIGALRM, &action, NULL);
  pid_t child = MUST(fork());
  setitimer(ITIMER_REAL, &often, NULL);
  long turn = 0, got;
  bool right = true;
  while (right && turn < 100000 && (turn < ROUNDS || ticks < 50)) {
    ssize_t n;
    got = child == 0 ? -1 : turn;
    if (child != 0) {
      while ((n = write(there[1], &got, 8)) == -1 && errno == EINTR) continue;
      while ((n = read(back[0], &got, 8)) == -1 && errno == EINTR) continue;
      right = n == 8 && got == turn + 1;
    } else {
      while ((n = read(there[0], &got, 8)) == -1 && errno == EINTR) continue;
      if (n == 0 || got == -2) _exit(0);
      right = n == 8 && got == turn;
      got++;
      while ((n = write(back[1], &got, 8)) == -1 && errno == EINTR) continue;
      ticks = 0;
    }
    turn++;
  }
  setitimer(ITIMER_REAL, &never, NULL);
  if (child == 0) _exit(right ? 3 : 1);
  dt_truth("signals between", right);
  got = -2;
  MUST(write(there[1], &got, 8));
  dt_reap("signals between", child);
  close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

static int data[2], answer[2];
static char *page;

/* Takes the reader's page away now and then before it sends: the read fails, and the byte stays for the next one. */
static void *sender(void *unused UNUSED) {
  unsigned char b;
  for (int i = 0; i < 600; i++) {
    if (i % 3 == 1) mprotect(page, 4096, PROT_READ);
    if (i % 3 == 2) munmap(page, 4096);
    b = i % 250;
    if (write(data[1], &b, 1) != 1 || read(answer[0], &b, 1) != 1) return (void *)1;
    if (b != 0) return (void *)2;
  }
  return NULL;
}

static void bad_buffers(void) {
  pthread_t other;
  void *wrong;
  bool right = true;
  int refused = 0;
  MUST(pipe(data));
  MUST(pipe(answer));
  page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pthread_create(&other, NULL, sender, NULL);
  for (int i = 0; i < 600 && right; i++) {
    ssize_t n = read(data[0], page, 1);
    if (n == -1 && errno == EFAULT) {
      refused++;
      MUST((long)mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
      n = read(data[0], page, 1);
    }
    right = n == 1 && (unsigned char)page[0] == i % 250;
    right = write(answer[1], "", 1) == 1 && right;
  }
  close(answer[1]);
  pthread_join(other, &wrong);
  dt_truth("bytes outlive bad buffers", right && wrong == NULL);
  dt_show("refused", refused, 0);
  close(data[0]), close(data[1]), close(answer[0]);
}

/* Several of each on one pair of pipes: every request is answered once. */
static void several(void) {
  int there[2], back[2];
  MUST(pipe(there));
  MUST(pipe(back));
  pid_t servers[3];
  for (int i = 0; i < 3; i++) {
    if ((servers[i] = MUST(fork())) == 0) {
      close(there[1]);
      int n;
      while (read(there[0], &n, sizeof n) == sizeof n) {
        n = -n;
        if (write(back[1], &n, sizeof n) != sizeof n) _exit(1);
      }
      _exit(0);
    }
  }
  close(there[0]), close(back[1]);
  long sum = 0, expected = 0;
  for (int i = 1; i <= ROUNDS; i++) {
    int n = i, m;
    MUST(write(there[1], &n, sizeof n));
    if (i % 3 == 0) { n = i * 7; MUST(write(there[1], &n, sizeof n)); expected -= n; }
    expected -= i;
    for (int k = 0; k < (i % 3 == 0 ? 2 : 1); k++) if (read(back[0], &m, sizeof m) == sizeof m) sum += m;
  }
  close(there[1]);
  dt_truth("every request is answered once", sum == expected);
  for (int i = 0; i < 3; i++) dt_reap("server", servers[i]);
  close(back[0]);
}

int main(void) {
  dt_start(100);
  by_pipes("pipes, read", by_read);
  by_pipes("pipes, readv", by_vector);
  by_pipes("pipes, poll", by_poll);
  by_pipes("pipes, epoll", by_epoll);
  by_sockets("stream sockets, recv", SOCK_STREAM, by_recv);
  by_sockets("datagram sockets, recvmsg", SOCK_DGRAM, by_message);
  by_sockets("packet sockets, epoll", SOCK_SEQPACKET, by_epoll);
  by_tcp("TCP, read", by_read);
  by_tcp("TCP, epoll", by_epoll);
  by_counters();
  by_futex();
  ends();
  interrupted();
  bad_buffers();
  several();
  return 0;
}
