/* sendfile, splice, tee, readv and partial faults with sockets; /proc/net/unix. */
#include "difftest.h"
#include <stddef.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>

static int p[2];

static void file_to_socket(int type) {
  printf("type %d\n", type);
  MUST(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, p));
  int f = MUST(open("data", O_RDWR | O_CREAT | O_TRUNC, 0600));
  static char big[300000], back[300000];
  for (unsigned i = 0; i < sizeof big; i++) big[i] = i * 7 >> 3;
  MUST(write(f, big, 10000));
  off_t off = 100;
  SHOW(sendfile(p[0], f, &off, 5000));
  printf("offset %ld\n", (long)off);
  long total = 0, n;
  while ((n = read(p[1], back + total, sizeof back - total)) > 0) total += n;
  printf("got %ld same %d\n", total, memcmp(back, big + 100, total) == 0);
  MUST(lseek(f, 0, SEEK_SET));
  SHOW(sendfile(p[0], f, NULL, 100));
  SHOW(lseek(f, 0, SEEK_CUR));
  SHOW(sendfile(p[1], p[0], NULL, 100));
  OK(sendfile(f, p[1], NULL, 100));
  close(f);
  close(p[0]);
  close(p[1]);
}

static void splices(void) {
  int q[2];
  char b[100];
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p));
  MUST(pipe2(q, O_NONBLOCK));
  MUST(write(q[1], "through the pipe", 16));
  SHOW(splice(q[0], NULL, p[0], NULL, 7, 0));
  SHOW(read(p[1], b, 100));
  SHOW(splice(q[0], NULL, p[0], NULL, 100, 0));
  SHOW(read(p[1], b, 100));
  SHOW(splice(q[0], NULL, p[0], NULL, 100, 0));
  MUST(write(p[1], "from the socket", 15));
  SHOW(splice(p[0], NULL, q[1], NULL, 4, 0));
  SHOW(splice(p[0], NULL, q[1], NULL, 100, 0));
  SHOW(read(q[0], b, 100));
  SHOW(splice(p[0], NULL, q[1], NULL, 100, 0));
  SHOW(splice(p[0], NULL, p[1], NULL, 100, 0));
  off_t off = 0;
  SHOW(splice(q[0], NULL, p[0], &off, 7, 0));
  close(p[1]);
  SHOW(splice(p[0], NULL, q[1], NULL, 100, 0));
  signal(SIGPIPE, SIG_IGN);
  MUST(write(q[1], "x", 1));
  SHOW(splice(q[0], NULL, p[0], NULL, 7, 0));
}

static void faults(void) {
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p));
  char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(munmap(m + 4096, 4096));
  char b[100];
  SHOW(write(p[0], m + 4090, 20));
  SHOW(write(p[0], (void *)8, 20));
  while (read(p[1], b, 100) > 0) {}
  MUST(write(p[0], "0123456789", 10));
  SHOW(read(p[1], (void *)8, 20));
  SHOW(read(p[1], b, 100));
  MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, p));
  SHOW(write(p[0], m + 4090, 20));
  SHOW(read(p[1], b, 100));
  MUST(write(p[0], "0123456789", 10));
  SHOW(read(p[1], m + 4090, 20));
  SHOW(read(p[1], b, 100));
}

static void table(void) {
  int s = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), d = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  char cwd[100], want[200];
  MUST((long)getcwd(cwd, sizeof cwd));
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  snprintf(a.sun_path, sizeof a.sun_path, "%s/listed", cwd);
  MUST(bind(s, (struct sockaddr *)&a, sizeof a));
  MUST(listen(s, 1));
  int c = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect(c, (struct sockaddr *)&a, sizeof a));
  struct stat st[3];
  int fds[3] = {s, d, c};
  for (int i = 0; i < 3; i++) fstat(fds[i], &st[i]);
  FILE *f = fopen("/proc/net/unix", "r");
  char line[400];
  if (fgets(line, sizeof line, f)) fputs(line, stdout);
  int embryos = 0;
  char rows[4][200] = {"", "", "", ""};
  while (fgets(line, sizeof line, f)) {
    unsigned refs, proto, flags, type, state;
    unsigned long ino;
    char path[200] = "";
    if (sscanf(line, "%*s %x %x %x %x %x %lu %199s", &refs, &proto, &flags, &type, &state, &ino, path) < 6) printf("odd line %s", line);
    for (int i = 0; i < 3; i++)
      if (ino == st[i].st_ino) snprintf(rows[i], 200, "socket %d: refs %u proto %u flags %#x type %u state %u path %d\n", i, refs, proto, flags, type, state, strcmp(path, a.sun_path) == 0);
    snprintf(want, sizeof want, "%s", a.sun_path);
    if (ino == 0 && strcmp(path, want) == 0) embryos++, snprintf(rows[3], 200, "waiting: flags %#x type %u state %u\n", flags, type, state);
  }
  for (int i = 0; i < 4; i++) fputs(rows[i], stdout);
  printf("waiting connections %d\n", embryos);
}

int main(void) {
  dt_start(30);
  char dir[] = "/tmp/unix_transfers.XXXXXX";
  if (!mkdtemp(dir)) return 99;
  MUST(chdir(dir));
  file_to_socket(SOCK_STREAM);
  file_to_socket(SOCK_DGRAM);
  splices();
  faults();
  table();
  return 0;
}
