/* SO_PASSCRED, SCM_CREDENTIALS, SO_PEERCRED: who is told what, who may claim what. */
#include "difftest.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static int p[2];

static const char *who(int pid) { return pid == getpid() ? "me" : pid == getppid() ? "parent" : pid == 0 ? "nobody" : "other"; }

static void receive(const char *label, int s, size_t n, size_t room) {
  static char data[64];
  static union { char b[256]; struct cmsghdr h; } control;
  struct iovec v = {data, n};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control.b, .msg_controllen = room};
  errno = 0;
  ssize_t r = recvmsg(s, &m, MSG_DONTWAIT);
  printf("%s: %zd %s flags %#x control %zu", label, r, ename(r < 0 ? errno : 0), m.msg_flags, (size_t)m.msg_controllen);
  for (struct cmsghdr *c = r < 0 ? NULL : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    struct ucred u;
    memcpy(&u, CMSG_DATA(c), sizeof u);
    if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof u)) printf(" [%s %d %d]", who(u.pid), (int)u.uid, (int)u.gid);
    else printf(" [type %d length %zu]", c->cmsg_type, (size_t)c->cmsg_len);
  }
  printf("\n");
}

static ssize_t claim(int s, int pid, int uid, int gid, size_t size) {
  union { char b[CMSG_SPACE(64)]; struct cmsghdr h; } control = {{0}};
  struct iovec v = {"c", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control.b, .msg_controllen = CMSG_SPACE(size)};
  control.h.cmsg_level = SOL_SOCKET;
  control.h.cmsg_type = SCM_CREDENTIALS;
  control.h.cmsg_len = CMSG_LEN(size);
  struct ucred u = {pid, uid, gid};
  memcpy(CMSG_DATA(&control.h), &u, sizeof u);
  return sendmsg(s, &m, 0);
}

static void on(int s, int value) { MUST(setsockopt(s, SOL_SOCKET, SO_PASSCRED, &value, sizeof value)); }

static void passing(int type) {
  printf("type %d\n", type);
  MUST(socketpair(AF_UNIX, type, 0, p));
  MUST(write(p[0], "1", 1));
  on(p[1], 1);
  receive("sent before", p[1], 8, 200);
  MUST(write(p[0], "2", 1));
  receive("write", p[1], 8, 200);
  MUST(send(p[0], "3", 1, 0));
  receive("no room", p[1], 8, 0);
  MUST(send(p[0], "3", 1, 0));
  receive("little room", p[1], 8, CMSG_LEN(4));
  SHOW_AS("claim", claim(p[0], getpid(), getuid(), getgid(), sizeof(struct ucred)));
  receive("claimed", p[1], 8, 200);
  SHOW_AS("claim other pid", claim(p[0], 1, getuid(), getgid(), sizeof(struct ucred)) < 0 ? errno == EPERM : 0);
  SHOW_AS("claim ids", claim(p[0], getpid(), 55, 66, sizeof(struct ucred)));
  while (recv(p[1], (char[8]){0}, 8, MSG_DONTWAIT) > 0) {}
  SHOW_AS("size", claim(p[0], getpid(), 0, 0, 8));
  SHOW_AS("uid -1", claim(p[0], getpid(), -1, 0, sizeof(struct ucred)));
  on(p[1], 0);
  SHOW_AS("claim", claim(p[0], getpid(), getuid(), getgid(), sizeof(struct ucred)));
  receive("not wanted", p[1], 8, 200);
  on(p[0], 1);
  MUST(write(p[0], "4", 1));
  on(p[1], 1);
  receive("sender wanted", p[1], 8, 200);
  close(p[0]);
  close(p[1]);
}

static void glue(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  on(p[1], 1);
  MUST(write(p[0], "aa", 2));
  MUST(write(p[0], "bb", 2));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    write(p[0], "cc", 2);
    _exit(0);
  }
  dt_reap("child", pid);
  MUST(write(p[0], "dd", 2));
  receive("mine", p[1], 60, 200);
  receive("child's", p[1], 60, 200);
  receive("mine", p[1], 60, 200);
}

static void show_peer(const char *label, int s) {
  struct ucred u;
  socklen_t l = sizeof u;
  if (getsockopt(s, SOL_SOCKET, SO_PEERCRED, &u, &l) < 0) { printf("%s: %s\n", label, ename(errno)); return; }
  printf("%s: %s %d %d length %u\n", label, who(u.pid), (int)u.uid, (int)u.gid, l);
}

static void peers(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  show_peer("pair", p[0]);
  int v = 0;
  SHOW(setsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &v, sizeof v));
  int s = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show_peer("new", s);
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  socklen_t l = sizeof a;
  MUST(bind(s, (struct sockaddr *)&a, 2));
  MUST(getsockname(s, (struct sockaddr *)&a, &l));
  MUST(listen(s, 4));
  show_peer("listening", s);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    int c = socket(AF_UNIX, SOCK_STREAM, 0);
    if (setresgid(77, 77, 77) || setresuid(76, 76, 76)) puts("cannot change user");
    SHOW_AS("connect", connect(c, (struct sockaddr *)&a, l));
    show_peer("client's peer", c);
    SHOW_AS("claim mine", claim(c, getpid(), 76, 77, sizeof(struct ucred)));
    SHOW_AS("claim root", claim(c, getpid(), 0, 77, sizeof(struct ucred)));
    SHOW_AS("claim group", claim(c, getpid(), 76, 0, sizeof(struct ucred)));
    SHOW_AS("claim pid", claim(c, getppid(), 76, 77, sizeof(struct ucred)));
    fflush(stdout);
    _exit(0);
  }
  int c = MUST(accept(s, NULL, NULL));
  dt_reap("client", pid);
  struct ucred u;
  socklen_t n = sizeof u;
  MUST(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &u, &n));
  printf("server's peer: child %d uid %d gid %d\n", u.pid == pid, (int)u.uid, (int)u.gid);
  on(c, 1);
  receive("from before the accept", c, 8, 200);
  n = 4;
  SHOW(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &u, &n));
  printf("told %u\n", n);
}

static void autobound(void) {
  int s = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), t = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  socklen_t l = sizeof a;
  MUST(bind(s, (struct sockaddr *)&a, 2));
  MUST(getsockname(s, (struct sockaddr *)&a, &l));
  on(t, 1);
  MUST(connect(t, (struct sockaddr *)&a, l));
  struct sockaddr_un b;
  l = sizeof b;
  MUST(getsockname(t, (struct sockaddr *)&b, &l));
  printf("named by connect: %u\n", l);
}

int main(void) {
  dt_start(30);
  passing(SOCK_STREAM);
  passing(SOCK_DGRAM);
  passing(SOCK_SEQPACKET);
  glue();
  peers();
  autobound();
  return 0;
}
