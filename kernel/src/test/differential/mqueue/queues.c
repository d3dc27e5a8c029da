/* mq_open, mq_send, mq_receive, mq_getattr, mq_unlink: errors, order, waiting, time limits. */
#include "../difftest.h"
#include <mqueue.h>

static mqd_t q;

static void attr(const char *label, mqd_t m) {
  struct mq_attr a;
  if (mq_getattr(m, &a) == -1) { printf("%s: %s\n", label, ename(errno)); return; }
  printf("%s: flags %#lo maxmsg %ld msgsize %ld curmsgs %ld\n", label, a.mq_flags, a.mq_maxmsg, a.mq_msgsize, a.mq_curmsgs);
}

static void get(void) {
  char b[128] = "";
  unsigned prio = 99;
  ssize_t n = mq_receive(q, b, sizeof b, &prio);
  if (n == -1) printf("get: %s\n", ename(errno));
  else printf("get: %zd prio %u \"%.*s\"\n", n, prio, (int)n, b);
}

static long raw_open(const char *name, int flags, mode_t mode, struct mq_attr *a) { return syscall(SYS_mq_open, name, flags, mode, a); }

static void opening(void) {
  struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 64};
  SHOW(mq_open("/dt-missing", O_RDWR));
  SHOW(mq_open("no-slash", O_RDWR));
  SHOW(raw_open("", O_RDWR, 0, NULL));
  SHOW(raw_open("/slash", O_RDWR, 0, NULL));
  SHOW(raw_open(".", O_RDWR, 0, NULL));
  SHOW(raw_open("..", O_RDWR, 0, NULL));
  SHOW(raw_open((void *)8, O_RDWR, 0, NULL));
  SHOW(raw_open("dt-q", O_RDWR | O_CREAT, 0600, (void *)8));
  char longer[300];
  memset(longer, 'n', 299); longer[299] = 0;
  SHOW(raw_open(longer, O_RDWR | O_CREAT, 0600, NULL));
  struct mq_attr bad[] = {{.mq_maxmsg = 0, .mq_msgsize = 1}, {.mq_maxmsg = 1, .mq_msgsize = 0}, {.mq_maxmsg = -1, .mq_msgsize = 1},
    {.mq_maxmsg = 65537, .mq_msgsize = 1}, {.mq_maxmsg = 1, .mq_msgsize = (16 << 20) + 1}};
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) SHOW(mq_open("/dt-q", O_RDWR | O_CREAT, 0600, &bad[i]));
  q = mq_open("/dt-q", O_RDWR | O_CREAT | O_EXCL, 0640, &a);
  IS(q != (mqd_t)-1);
  SHOW(mq_open("/dt-q", O_RDWR | O_CREAT | O_EXCL, 0640, &a));
  SHOW(mq_open("/dt-q", 3));
  IS(fcntl(q, F_GETFD) == FD_CLOEXEC);
  printf("getfl %#o\n", fcntl(q, F_GETFL));
  attr("new", q);
  mqd_t standard = mq_open("/dt-standard", O_WRONLY | O_CREAT | O_NONBLOCK, 0600, NULL);
  attr("standard", standard);
  SHOW(mq_receive(standard, (char *)&a, 8192, NULL));
  SHOW(mq_close(standard));
  SHOW(mq_close(standard));
  SHOW(mq_unlink("/dt-standard"));
  SHOW(mq_unlink("/dt-standard"));
  struct stat st;
  SHOW(fstat(q, &st));
  printf("mode %o size %ld nlink %ld uid %d\n", st.st_mode, (long)st.st_size, (long)st.st_nlink, st.st_uid);
}

static void order(void) {
  SHOW(mq_send(q, "low", 3, 1));
  SHOW(mq_send(q, "high", 4, 30));
  SHOW(mq_send(q, "mid1", 4, 7));
  SHOW(mq_send(q, "mid2", 4, 7));
  attr("full", q);
  char text[100];
  pread(q, text, 100, 0);
  printf("%.10s\n", text);
  struct mq_attr set = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 999}, old;
  SHOW(mq_setattr(q, &set, &old));
  attr("set", q);
  SHOW(mq_send(q, "x", 1, 0));
  get(); get(); get(); get(); get();
  set.mq_flags = O_NONBLOCK | O_APPEND;
  SHOW(syscall(SYS_mq_getsetattr, q, &set, NULL));
  SHOW(syscall(SYS_mq_getsetattr, q, (void *)8, NULL));
  SHOW(syscall(SYS_mq_getsetattr, 0, NULL, NULL));
  SHOW(mq_send(q, "", 0, 32767));
  get();
  SHOW(mq_send(q, "", 0, 32768));
  SHOW(mq_send(q, text, 65, 0));
  SHOW(mq_send(q, (void *)8, 3, 0));
  SHOW(mq_send(-1, "x", 1, 0));
  SHOW(mq_send(1, "x", 1, 0));
  SHOW(mq_receive(q, text, 63, NULL));
  SHOW(mq_send(q, "lost", 4, 0));
  SHOW(mq_receive(q, (void *)8, 64, NULL));
  get();
  SHOW(write(q, "x", 1));
  SHOW(read(1000, text, 1));
  set.mq_flags = 0;
  SHOW(mq_setattr(q, &set, NULL));
}

static void on_signal(int s) { (void)s; }

static void waiting(void) {
  char b[64];
  struct timespec past = {1, 0}, bad = {1, 1000000000}, soon;
  SHOW(mq_timedreceive(q, b, 64, NULL, &past));
  SHOW(mq_timedreceive(q, b, 64, NULL, &bad));
  SHOW(mq_timedreceive(q, b, 64, NULL, (void *)8));
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 30000000;
  if (soon.tv_nsec >= 1000000000) { soon.tv_sec++; soon.tv_nsec -= 1000000000; }
  SHOW(mq_timedreceive(q, b, 64, NULL, &soon));
  MUST(mq_send(q, "x", 1, 0));
  SHOW(mq_timedreceive(q, b, 64, NULL, &bad));
  SHOW(mq_timedreceive(q, b, 64, NULL, &past));
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) { get(); _exit(0); }
  dt_await_state(p, "S");
  MUST(mq_send(q, "handed over", 11, 5));
  dt_reap("receiver", p);
  for (int i = 0; i < 4; i++) MUST(mq_send(q, "full", 4, 2));
  SHOW(mq_timedsend(q, "x", 1, 0, &past));
  fflush(stdout);
  p = fork();
  if (p == 0) { _exit(mq_send(q, "first", 5, 9) ? errno : 0); }
  dt_await_state(p, "S");
  get();
  dt_reap("sender", p);
  attr("full again", q);
  get(); get(); get(); get();
  for (int restart = 0; restart < 2; restart++) {
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = restart ? SA_RESTART : 0};
    sigaction(SIGUSR1, &sa, NULL);
    pid_t me = getpid();
    fflush(stdout);
    p = fork();
    if (p == 0) { dt_await_state(me, "S"); kill(me, SIGUSR1); dt_sleep_ms(20); mq_send(q, "later", 5, 0); _exit(0); }
    get();
    waitpid(p, NULL, 0);
  }
  get();
}

static void names(void) {
  mqd_t second = mq_open("/dt-q", O_RDONLY | O_NONBLOCK);
  SHOW(mq_send(second, "x", 1, 0));
  MUST(mq_send(q, "kept", 4, 0));
  SHOW(mq_unlink("/dt-q"));
  struct stat st;
  fstat(q, &st);
  printf("nlink %ld\n", (long)st.st_nlink);
  SHOW(mq_open("/dt-q", O_RDWR));
  get();
  char link[64], path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", second);
  ssize_t n = readlink(path, link, 63);
  printf("%.*s\n", (int)n, link);
  SHOW(mq_close(second));
  struct rlimit r = {0, 0};
  setrlimit(RLIMIT_MSGQUEUE, &r);
  SHOW(mq_open("/dt-r", O_RDWR | O_CREAT, 0600, NULL));
}

int main(void) {
  dt_start(30);
  unshare(CLONE_NEWIPC);
  opening();
  order();
  waiting();
  names();
  return 0;
}
