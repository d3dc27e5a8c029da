/* Reads and prints the events of an inotify instance; cookies as numbers in the order of appearance. */
#include "../difftest.h"
#include <sys/inotify.h>
#include <sys/ioctl.h>

static int in;
static char dir[64];

UNUSED static const char *mask_text(uint32_t mask) {
  static char buf[256];
  static const struct { uint32_t bit; const char *name; } names[] = {
    {IN_ACCESS, "ACCESS"}, {IN_MODIFY, "MODIFY"}, {IN_ATTRIB, "ATTRIB"}, {IN_CLOSE_WRITE, "CLOSE_WRITE"},
    {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"}, {IN_MOVED_FROM, "MOVED_FROM"}, {IN_MOVED_TO, "MOVED_TO"},
    {IN_CREATE, "CREATE"}, {IN_DELETE, "DELETE"}, {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"},
    {IN_UNMOUNT, "UNMOUNT"}, {IN_Q_OVERFLOW, "Q_OVERFLOW"}, {IN_IGNORED, "IGNORED"}, {IN_ISDIR, "ISDIR"}};
  buf[0] = 0;
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (mask & names[i].bit) { if (buf[0]) strcat(buf, "|"); strcat(buf, names[i].name); mask &= ~names[i].bit; }
  if (mask) sprintf(buf + strlen(buf), "|%#x", mask);
  return buf;
}

UNUSED static void show_events(const char *label) {
  static uint32_t cookies[64];
  static int count;
  static char buf[65536] __attribute__((aligned(8)));
  printf("%s:\n", label);
  for (;;) {
    ssize_t n = read(in, buf, sizeof buf);
    if (n <= 0) { if (errno != EAGAIN) printf("  %s\n", ename(errno)); return; }
    for (char *p = buf; p < buf + n;) {
      struct inotify_event *e = (void *)p;
      int c = 0;
      if (e->cookie) {
        for (c = 0; c < count && cookies[c] != e->cookie; c++) {}
        if (c == count) cookies[count++] = e->cookie;
        c++;
      }
      if (e->len && e->name[0] == '#') printf("  wd %d %s # and a number\n", e->wd, mask_text(e->mask));
      else printf("  wd %d %s cookie %d len %u %s\n", e->wd, mask_text(e->mask), c, e->len, e->len ? e->name : "-");
      p += sizeof *e + e->len;
    }
  }
}

UNUSED static void begin(void) {
  dt_start(30);
  strcpy(dir, "/tmp/inotify-XXXXXX");
  if (!mkdtemp(dir)) { perror("mkdtemp"); exit(99); }
  MUST(chdir(dir));
  in = MUST(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
}

UNUSED static void put(const char *path, const char *text, int flags) {
  int fd = MUST(open(path, O_WRONLY | flags, 0644));
  if (text[0]) write(fd, text, strlen(text));
  close(fd);
}
