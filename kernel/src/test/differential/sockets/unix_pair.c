/* socketpair of the three types: kinds, stat, boundaries, end of file, errors after the peer is gone. */
#include "difftest.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static int pair[2];

static void make(int type) { MUST(socketpair(AF_UNIX, type, 0, pair)); }

static void drop(void) {
  close(pair[0]);
  close(pair[1]);
}

static void kinds(void) {
  int types[] = {0, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_DCCP, SOCK_PACKET, 11, 15};
  for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
    int s = SHOW_AS("socket type", socket(AF_UNIX, types[i], 0) >= 0 ? 0 : -1);
    (void)s;
  }
  OK(socket(AF_UNIX, SOCK_STREAM, 1));
  OK(socket(AF_UNIX, SOCK_STREAM, 2));
  OK(socket(AF_UNIX, SOCK_STREAM | 0x100, 0));
  OK(socket(AF_UNSPEC, SOCK_STREAM, 0));
  OK(socket(45, SOCK_STREAM, 0));
  OK(socket(46, SOCK_STREAM, 0));
  OK(socket(-1, SOCK_STREAM, 0));
  OK(socket(46, 15, 0));
  OK(socketpair(46, SOCK_STREAM, 0, pair));
  OK(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8));
}

static void files(void) {
  make(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
  struct stat st, other;
  MUST(fstat(pair[0], &st));
  MUST(fstat(pair[1], &other));
  printf("mode %o size %ld nlink %d blksize %ld\n", st.st_mode, (long)st.st_size, (int)st.st_nlink, (long)st.st_blksize);
  IS(st.st_dev == other.st_dev);
  IS(st.st_ino != other.st_ino);
  IS(st.st_uid == geteuid());
  printf("flags %#x fd flags %d\n", fcntl(pair[0], F_GETFL), fcntl(pair[0], F_GETFD));
  char link[64], text[64] = "", want[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", pair[0]);
  snprintf(want, sizeof want, "socket:[%lu]", (unsigned long)st.st_ino);
  MUST(readlink(link, text, sizeof text - 1));
  IS(strcmp(text, want) == 0);
  OK(open(link, O_RDWR));
  MUST(stat(link, &other));
  IS(other.st_ino == st.st_ino);
  SHOW(fchmod(pair[0], 0600));
  MUST(fstat(pair[0], &st));
  printf("mode %o\n", st.st_mode);
  SHOW(lseek(pair[0], 0, SEEK_CUR));
  SHOW(pread(pair[0], text, 1, 0));
  SHOW(pwrite(pair[0], text, 1, 0));
  SHOW(ftruncate(pair[0], 0));
  SHOW(fsync(pair[0]));
  OK((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, pair[0], 0));
  SHOW(read(pair[0], text, 1));
  SHOW(ioctl(pair[0], TCGETS, text));
  SHOW(accept(STDIN_FILENO, NULL, NULL));
  SHOW(send(-1, "x", 1, 0));
  int path = MUST(open("/", O_PATH));
  SHOW(send(path, "x", 1, 0));
  close(path);
  drop();
}

static void stream(void) {
  make(SOCK_STREAM | SOCK_NONBLOCK);
  char buf[64];
  SHOW(write(pair[0], "one", 3));
  SHOW(write(pair[0], "two", 3));
  SHOW(write(pair[0], "", 0));
  int n = -1;
  SHOW(ioctl(pair[1], FIONREAD, &n));
  printf("waiting %d\n", n);
  SHOW(recv(pair[1], buf, 2, MSG_PEEK));
  SHOW(recv(pair[1], buf, 0, 0));
  SHOW(recv(pair[1], buf, 4, 0));
  SHOW(recv(pair[1], buf, sizeof buf, 0));
  SHOW(recv(pair[1], buf, sizeof buf, 0));
  SHOW(recv(pair[1], buf, 0, 0));
  SHOW(read(pair[1], buf, 0));
  SHOW(send(pair[0], "x", 1, MSG_OOB | MSG_DONTROUTE) < 0 ? 0 : 0);
  struct iovec parts[3] = {{"ab", 2}, {NULL, 0}, {"cde", 3}};
  drop();
  make(SOCK_STREAM | SOCK_NONBLOCK);
  SHOW(writev(pair[0], parts, 3));
  char a[2], b[10];
  struct iovec in[2] = {{a, 2}, {b, 10}};
  SHOW(readv(pair[1], in, 2));
  SHOW(write(pair[0], "last", 4));
  close(pair[0]);
  SHOW(read(pair[1], buf, sizeof buf));
  SHOW(read(pair[1], buf, sizeof buf));
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(pair[1], "x", 1));
  SHOW(send(pair[1], "x", 1, MSG_NOSIGNAL));
  close(pair[1]);
}

static void reset(void) {
  make(SOCK_STREAM);
  MUST(write(pair[0], "unread", 6));
  MUST(write(pair[1], "read", 4));
  close(pair[1]);
  char buf[16];
  SHOW(read(pair[0], buf, 2));
  SHOW(read(pair[0], buf, 16));
  SHOW(read(pair[0], buf, 16));
  SHOW(read(pair[0], buf, 16));
  close(pair[0]);
  make(SOCK_STREAM);
  MUST(write(pair[0], "unread", 6));
  close(pair[1]);
  int e = -1;
  socklen_t l = sizeof e;
  SHOW(getsockopt(pair[0], SOL_SOCKET, SO_ERROR, &e, &l));
  printf("error %s\n", ename(e));
  SHOW(getsockopt(pair[0], SOL_SOCKET, SO_ERROR, &e, &l));
  printf("error %s\n", ename(e));
  SHOW(read(pair[0], buf, 16));
  close(pair[0]);
}

static void messages(int type) {
  make(type | SOCK_NONBLOCK);
  char buf[64];
  SHOW(write(pair[0], "first", 5));
  SHOW(write(pair[0], "", 0));
  SHOW(write(pair[0], "third one", 9));
  int n = -1;
  SHOW(ioctl(pair[1], FIONREAD, &n));
  printf("waiting %d\n", n);
  SHOW(recv(pair[1], buf, 2, MSG_PEEK));
  SHOW(recv(pair[1], buf, 2, MSG_PEEK | MSG_TRUNC));
  SHOW(recv(pair[1], buf, sizeof buf, 0));
  SHOW(recv(pair[1], buf, sizeof buf, 0));
  struct iovec v = {buf, 4};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  SHOW(recvmsg(pair[1], &m, 0));
  printf("flags %#x\n", m.msg_flags);
  SHOW(recv(pair[1], buf, sizeof buf, 0));
  SHOW(write(pair[0], "left", 4));
  close(pair[0]);
  SHOW(recv(pair[1], buf, sizeof buf, 0));
  SHOW(recv(pair[1], buf, sizeof buf, 0));
  signal(SIGPIPE, SIG_DFL);
  SHOW(write(pair[1], "x", 1));
  SHOW(write(pair[1], "x", 1));
  SHOW(send(pair[1], "x", 1, 0));
  close(pair[1]);
}

static void dies_of_pipe(void) {
  make(SOCK_STREAM);
  close(pair[1]);
  send(pair[0], "x", 1, MSG_NOSIGNAL);
  write(pair[0], "x", 1);
  puts("still alive");
}

static void seqpacket_pipe(void) {
  make(SOCK_SEQPACKET);
  close(pair[1]);
  signal(SIGPIPE, SIG_DFL);
  SHOW(write(pair[0], "x", 1));
}

int main(void) {
  dt_start(30);
  kinds();
  files();
  stream();
  reset();
  messages(SOCK_DGRAM);
  messages(SOCK_SEQPACKET);
  dt_in_child("write to a gone peer", dies_of_pipe);
  dt_in_child("packet to a gone peer", seqpacket_pipe);
  return 0;
}
