/* The calls themselves: errors, flags of watches, reading, polling, limits. */
#include "watching.h"
#include <poll.h>
#include <sys/epoll.h>

static int waiting(void) { int n = -1; ioctl(in, FIONREAD, &n); return n; }

static void errors(void) {
  SHOW(inotify_init1(0x123));
  SHOW(inotify_add_watch(in, ".", 0));
  SHOW(inotify_add_watch(in, ".", 0x1000));
  SHOW(inotify_add_watch(-1, ".", IN_OPEN));
  SHOW(inotify_add_watch(0, ".", IN_OPEN));
  SHOW(inotify_add_watch(in, "missing", IN_OPEN));
  SHOW(inotify_add_watch(in, "", IN_OPEN));
  SHOW(inotify_add_watch(in, (void *)8, IN_OPEN));
  SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_ONLYDIR));
  SHOW(inotify_add_watch(in, ".", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
  SHOW(inotify_add_watch(in, ".", IN_ISDIR));
  SHOW(inotify_rm_watch(in, 1));
  SHOW(inotify_rm_watch(in, 1));
  SHOW(inotify_rm_watch(in, -1));
  SHOW(inotify_rm_watch(0, 1));
  SHOW(write(in, "x", 1));
  SHOW(lseek(in, 0, SEEK_SET));
  char c[64];
  SHOW(pread(in, c, 64, 0));
  SHOW(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, in, 0) == MAP_FAILED ? -1 : 0);
  SHOW(ioctl(in, 0x1234, 0));
  struct stat st;
  SHOW(fstat(in, &st));
  printf("fcntl %#o\n", fcntl(in, F_GETFL));
  ssize_t n = readlink("/proc/self/fd/0", c, 0);
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", in);
  n = readlink(path, c, 63);
  printf("%.*s\n", (int)n, c);
  show_events("events so far");
}

static void masks(void) {
  SHOW(inotify_add_watch(in, "f", IN_OPEN));
  SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_MASK_CREATE));
  SHOW(inotify_add_watch(in, "f", IN_CLOSE | IN_MASK_ADD));
  put("f", "x", 0);
  show_events("both");
  SHOW(inotify_add_watch(in, "f", IN_MODIFY));
  put("f", "x", 0);
  show_events("replaced");
  SHOW(inotify_add_watch(in, "link", IN_MODIFY));
  SHOW(inotify_add_watch(in, "link", IN_ATTRIB | IN_DONT_FOLLOW));
  lchown("link", 0, 0);
  show_events("the symlink itself");
  SHOW(inotify_add_watch(in, "f", IN_OPEN | IN_ONESHOT));
  put("f", "x", 0);
  put("f", "x", 0);
  show_events("one shot");
  int fd = MUST(open("gone", O_CREAT | O_RDWR, 0600));
  SHOW(inotify_add_watch(in, ".", IN_MODIFY | IN_EXCL_UNLINK));
  write(fd, "x", 1);
  unlink("gone");
  write(fd, "x", 1);
  show_events("excluding unlinked");
  SHOW(inotify_add_watch(in, ".", IN_MODIFY));
  write(fd, "x", 1);
  close(fd);
  show_events("including them");
}

static void buffers(void) {
  char b[64];
  SHOW(inotify_add_watch(in, ".", IN_CREATE | IN_DELETE));
  put("0123456789012345", "", O_CREAT);
  printf("waiting %d\n", waiting());
  SHOW(read(in, b, 15));
  SHOW(read(in, b, 47));
  SHOW(read(in, b, 48));
  put("0123456789012345", "", O_CREAT);
  SHOW(read(in, b, 64));
  put("0123456789012345", "", O_CREAT); unlink("0123456789012345");
  put("n", "", O_CREAT);
  printf("waiting %d\n", waiting());
  SHOW(read(in, b, 64));
  SHOW(read(in, b, 64));
  SHOW(read(in, b, 0));
  unlink("n");
  SHOW(read(in, b, 0));
  SHOW(read(in, (void *)8, 64));
  SHOW(read(in, b, 64));
  for (int i = 0; i < 3; i++) { mkdir("same", 0700); rmdir("same"); }
  printf("waiting %d\n", waiting());
  show_events("not merged");
  for (int i = 0; i < 300; i++) chmod("f", 0600);
  SHOW(inotify_add_watch(in, "f", IN_ATTRIB));
  for (int i = 0; i < 300; i++) chmod("f", 0600);
  show_events("merged");
}

static void polling(void) {
  struct pollfd p = {in, POLLIN | POLLOUT, 0};
  SHOW(poll(&p, 1, 0));
  int ep = MUST(epoll_create1(0));
  struct epoll_event e = {.events = EPOLLIN | EPOLLET};
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, in, &e));
  SHOW(epoll_wait(ep, &e, 1, 0));
  fflush(stdout);
  pid_t c = fork();
  if (c == 0) { dt_sleep_ms(30); mkdir("later", 0700); _exit(0); }
  SHOW(epoll_wait(ep, &e, 1, 5000));
  SHOW(epoll_wait(ep, &e, 1, 0));
  SHOW(poll(&p, 1, 0));
  printf("revents %#x\n", p.revents);
  waitpid(c, NULL, 0);
  show_events("from a child");
  fcntl(in, F_SETFL, 0);
  c = fork();
  pid_t me = getppid();
  if (c == 0) { me = getppid(); dt_await_state(me, "S"); rmdir("later"); _exit(0); }
  char b[64];
  SHOW(read(in, b, 64));
  waitpid(c, NULL, 0);
  fcntl(in, F_SETFL, O_NONBLOCK);
  close(ep);
}

static void overflow(void) {
  FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
  int max = 0;
  fscanf(f, "%d", &max);
  fclose(f);
  printf("max %d\n", max);
  for (int i = 0; i < max / 2 + 10; i++) { mkdir("o", 0700); rmdir("o"); }
  static char buf[1 << 20];
  long events = 0, overflows = 0, last = 0;
  ssize_t n;
  while ((n = read(in, buf, sizeof buf)) > 0)
    for (char *p = buf; p < buf + n;) {
      struct inotify_event *e = (void *)p;
      events++;
      last = e->mask == IN_Q_OVERFLOW && e->wd == -1 && e->len == 0;
      overflows += last;
      p += sizeof *e + e->len;
    }
  printf("events %ld overflows %ld, last %ld\n", events, overflows, last);
  mkdir("o", 0700);
  show_events("again");
  int fds[300], k;
  for (k = 0; k < 300; k++) if ((fds[k] = inotify_init()) < 0) break;
  printf("instances limited: %s %s\n", k > 100 && k < 130 ? "yes" : "no", k < 300 ? ename(errno) : "-");
  while (k-- > 0) close(fds[k]);
  OK(inotify_init());
}

int main(void) {
  begin();
  put("f", "", O_CREAT);
  symlink("f", "link");
  errors();
  masks();
  buffers();
  polling();
  overflow();
  return 0;
}
