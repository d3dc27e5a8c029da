/* Bound names: paths, abstract names, names of the kernel's choice; permissions; who finds whom. */
#include "difftest.h"
#include <ctype.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#define OFF offsetof(struct sockaddr_un, sun_path)

static struct sockaddr_un addr;
static socklen_t len;

static void path(const char *p) {
  memset(&addr, 0, sizeof addr);
  addr.sun_family = AF_UNIX;
  strcpy(addr.sun_path, p);
  len = OFF + strlen(p) + 1;
}

static void name(const char *p, size_t n) {
  memset(&addr, 0, sizeof addr);
  addr.sun_family = AF_UNIX;
  memcpy(addr.sun_path + 1, p, n);
  len = OFF + 1 + n;
}

static int sock(int type) { return MUST(socket(AF_UNIX, type | SOCK_NONBLOCK, 0)); }
#define BIND(s) SHOW_AS("bind", bind(s, (struct sockaddr *)&addr, len))
#define CONNECT(s) SHOW_AS("connect", connect(s, (struct sockaddr *)&addr, len))

static void show(const char *label, int s, int peer) {
  struct sockaddr_un a;
  memset(&a, 'z', sizeof a);
  socklen_t l = sizeof a;
  int r = peer ? getpeername(s, (struct sockaddr *)&a, &l) : getsockname(s, (struct sockaddr *)&a, &l);
  if (r < 0) { printf("%s: %s\n", label, ename(errno)); return; }
  printf("%s: length %u family %d '", label, l, a.sun_family);
  for (unsigned i = OFF; i < l && i < sizeof a; i++) {
    char c = ((char *)&a)[i];
    if (c && !(i > OFF && isdigit((unsigned char)c))) putchar(c);
    else if (c) putchar('N');
    else fputs("\\0", stdout);
  }
  puts("'");
}

static void paths(void) {
  int s = sock(SOCK_STREAM);
  show("new", s, 0);
  show("new peer", s, 1);
  SHOW(listen(s, 1));
  path("sock");
  BIND(s);
  show("bound", s, 0);
  struct stat st;
  MUST(stat("sock", &st));
  printf("mode %o\n", st.st_mode);
  BIND(s);
  path("other");
  BIND(s);
  IS(access("other", F_OK) == 0);
  path("sock");
  int t = sock(SOCK_STREAM);
  BIND(t);
  CONNECT(t);
  SHOW(listen(s, 1));
  CONNECT(t);
  show("client", t, 0);
  show("client's peer", t, 1);
  CONNECT(t);
  int c = MUST(accept(s, NULL, NULL));
  show("server", c, 0);
  show("server's peer", c, 1);
  SHOW(listen(c, 1));
  SHOW(accept(c, NULL, NULL));
  CONNECT(s);
  OK(open("sock", O_RDWR));
  OK(open("sock", O_PATH));
  MUST(rename("sock", "moved"));
  path("moved");
  int u = sock(SOCK_STREAM);
  CONNECT(u);
  MUST(link("moved", "hard"));
  path("hard");
  close(u);
  u = sock(SOCK_STREAM);
  CONNECT(u);
  MUST(symlink("hard", "soft"));
  path("soft");
  close(MUST(accept(s, NULL, NULL)));
  close(MUST(accept(s, NULL, NULL)));
  close(u);
  u = sock(SOCK_STREAM);
  CONNECT(u);
  BIND(u);
  MUST(unlink("moved"));
  MUST(unlink("hard"));
  CONNECT(u);
  path("regular");
  dt_write_file("regular", "x", 0644);
  u = sock(SOCK_STREAM);
  CONNECT(u);
  path("missing/x");
  CONNECT(u);
  BIND(u);
  path("regular/x");
  CONNECT(u);
  BIND(u);
  close(s);
  path("stale");
  s = sock(SOCK_STREAM);
  BIND(s);
  close(s);
  CONNECT(u);
  BIND(u);
  path("type");
  s = sock(SOCK_DGRAM);
  BIND(s);
  CONNECT(u);
  SHOW(listen(s, 1));
  SHOW(accept(s, NULL, NULL));
}

static void lengths(void) {
  int s = sock(SOCK_STREAM);
  memset(&addr, 0, sizeof addr);
  addr.sun_family = AF_UNIX;
  memset(addr.sun_path, 'p', sizeof addr.sun_path);
  len = sizeof addr;
  BIND(s);
  show("full", s, 0);
  struct sockaddr_un back;
  socklen_t l = 5;
  SHOW(getsockname(s, (struct sockaddr *)&back, &l));
  printf("told %u\n", l);
  l = -1;
  SHOW(getsockname(s, (struct sockaddr *)&back, &l));
  s = sock(SOCK_STREAM);
  len = sizeof addr + 1;
  BIND(s);
  len = 0;
  BIND(s);
  CONNECT(s);
  len = 1;
  BIND(s);
  CONNECT(s);
  len = 2;
  CONNECT(s);
  len = 129;
  CONNECT(s);
  len = -1;
  CONNECT(s);
  path("x");
  addr.sun_family = AF_INET;
  BIND(s);
  CONNECT(s);
  path("shortened");
  len = OFF + 5;
  BIND(s);
  show("shortened", s, 0);
  IS(access("short", F_OK) == 0);
  SHOW(bind(s, (struct sockaddr *)8, 20));
  path("");
  len = OFF + 1;
  s = sock(SOCK_STREAM);
  BIND(s);
  show("one NUL", s, 0);
}

static void abstract(void) {
  char unique[21];
  snprintf(unique, sizeof unique, "difftest-%08d", getpid());
  memcpy(unique + 17, "\0xy", 3);
  name(unique, 20);
  int s = sock(SOCK_STREAM), t = sock(SOCK_STREAM), d = sock(SOCK_DGRAM);
  BIND(s);
  BIND(s);
  show("abstract", s, 0);
  BIND(t);
  BIND(d);
  CONNECT(t);
  MUST(listen(s, 5));
  CONNECT(t);
  len--;
  int u = sock(SOCK_STREAM);
  CONNECT(u);
  len++;
  close(s);
  CONNECT(u);
  s = sock(SOCK_SEQPACKET);
  BIND(s);
  CONNECT(u);
  int a = sock(SOCK_DGRAM);
  memset(&addr, 0, sizeof addr);
  addr.sun_family = AF_UNIX;
  len = 2;
  BIND(a);
  struct sockaddr_un me = {0};
  socklen_t l = sizeof me;
  MUST(getsockname(a, (struct sockaddr *)&me, &l));
  printf("autobind length %u first %d\n", l, me.sun_path[0]);
  for (int i = 1; i < 6; i++) IS_AS("hex digit", isxdigit((unsigned char)me.sun_path[i]) != 0);
  BIND(a);
  name(unique, 3);
  BIND(a);
}

static void permissions(void) {
  int s = sock(SOCK_STREAM);
  path("guarded");
  BIND(s);
  MUST(listen(s, 10));
  MUST(chmod("guarded", 0555));
  mkdir("closed", 0700);
  int t = sock(SOCK_STREAM);
  path("closed/in");
  BIND(t);
  MUST(listen(t, 10));
  chmod("closed/in", 0777);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    if (setresgid(1234, 1234, 1234) || setresuid(1234, 1234, 1234)) { puts("cannot change user"); _exit(0); }
    int c = socket(AF_UNIX, SOCK_STREAM, 0);
    path("guarded");
    CONNECT(c);
    path("closed/in");
    CONNECT(c);
    path("mine");
    BIND(c);
    fflush(stdout);
    _exit(0);
  }
  dt_reap("other user", pid);
  MUST(chmod("guarded", 0222));
  pid = fork();
  if (pid == 0) {
    if (setresgid(1234, 1234, 1234) || setresuid(1234, 1234, 1234)) _exit(0);
    int c = socket(AF_UNIX, SOCK_STREAM, 0);
    path("guarded");
    CONNECT(c);
    fflush(stdout);
    _exit(0);
  }
  dt_reap("other user", pid);
  umask(077);
  path("masked");
  t = sock(SOCK_STREAM);
  BIND(t);
  struct stat st;
  MUST(stat("masked", &st));
  printf("mode %o\n", st.st_mode);
}

int main(void) {
  dt_start(30);
  char dir[] = "/tmp/unix_names.XXXXXX";
  if (!mkdtemp(dir)) return 99;
  MUST(chdir(dir));
  MUST(chmod(dir, 0755));
  paths();
  lengths();
  abstract();
  permissions();
  return 0;
}
