/* eventfd: counter and semaphore reads, overflow rules, poll bits, blocking between threads. */
#include "difftest.h"
#include <poll.h>
#include <sys/eventfd.h>

static int ev(int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLERR, 0};
  poll(&p, 1, 0);
  return p.revents;
}

static void *writer(void *arg) {
  dt_sleep_ms(50);
  uint64_t v = 7;
  write(*(int *)arg, &v, 8);
  return NULL;
}

static void *reader(void *arg) {
  dt_sleep_ms(50);
  uint64_t v;
  read(*(int *)arg, &v, 8);
  return (void *)(long)(v == UINT64_MAX - 1);
}

int main(void) {
  dt_start(20);
  uint64_t v = 0;
  char small[4];
  int fd = MUST(eventfd(3, EFD_NONBLOCK));
  SHOW_AS("events of 3", ev(fd));
  SHOW_AS("read", read(fd, &v, 8));
  SHOW_AS("value", (long)v);
  SHOW_AS("read empty", read(fd, &v, 8));
  SHOW_AS("short read", read(fd, small, 4));
  SHOW_AS("short write", write(fd, small, 4));
  v = 1; char big[16] = {5};
  SHOW_AS("long write", write(fd, big, 16));
  SHOW_AS("long read", read(fd, big, 16));
  v = UINT64_MAX;
  SHOW_AS("write max", write(fd, &v, 8));
  v = UINT64_MAX - 1;
  SHOW_AS("write max-1", write(fd, &v, 8));
  SHOW_AS("events of full", ev(fd));
  v = 1;
  SHOW_AS("write 1 to full", write(fd, &v, 8));
  v = 0;
  SHOW_AS("write 0 to full", write(fd, &v, 8));
  SHOW_AS("bad buffer", read(fd, (void *)8, 8));
  SHOW_AS("still there", read(fd, &v, 8));
  IS(v == UINT64_MAX - 1);
  SHOW_AS("lseek", lseek(fd, 0, SEEK_SET));
  SHOW_AS("pread", pread(fd, &v, 8, 0));
  int sem = MUST(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC));
  for (int i = 0; i < 3; i++) {
    v = 99;
    SHOW_AS("semaphore read", read(sem, &v, 8));
    SHOW_AS("semaphore value", (long)v);
  }
  IS((fcntl(sem, F_GETFD) & FD_CLOEXEC) != 0);
  SHOW(eventfd(0, 0x10));
  int b = MUST(eventfd(0, 0));
  pthread_t t;
  pthread_create(&t, NULL, writer, &b);
  SHOW_AS("blocking read", read(b, &v, 8));
  SHOW_AS("blocking value", (long)v);
  pthread_join(t, NULL);
  v = UINT64_MAX - 1;
  MUST(write(b, &v, 8));
  pthread_create(&t, NULL, reader, &b);
  v = 12;
  SHOW_AS("blocking write", write(b, &v, 8));
  void *ok;
  pthread_join(t, &ok);
  IS_AS("reader got all", ok != NULL);
  SHOW_AS("then", read(b, &v, 8));
  SHOW_AS("value", (long)v);
  char path[64], text[64] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", b);
  readlink(path, text, sizeof text - 1);
  printf("%s\n", text);
  return 0;
}
