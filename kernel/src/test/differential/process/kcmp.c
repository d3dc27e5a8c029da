/* kcmp: what processes and threads share; order of files; errors. */
#include "difftest.h"
#include <sys/epoll.h>

enum { FILE_, VM, FILES, FS, SIGHAND, IO, SYSVSEM, EPOLL_TFD };

static long kcmp(pid_t a, pid_t b, int type, unsigned long x, unsigned long y) {
  return raw5(SYS_kcmp, a, b, type, x, y);
}

static pid_t thread_id;
static atomic_int step;

static void *thread(void *arg) {
  (void)arg;
  thread_id = gettid();
  atomic_store(&step, 1);
  dt_await(&step, 2);
  return NULL;
}

int main(void) {
  dt_start(20);
  pid_t me = getpid();
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600)), copy = MUST(dup(fd)), other = MUST(open("file", O_RDWR));
  RAW(kcmp(me, me, FILE_, fd, copy));
  long order = kcmp(me, me, FILE_, fd, other), back = kcmp(me, me, FILE_, other, fd);
  IS((order == 1 && back == 2) || (order == 2 && back == 1));
  RAW(kcmp(me, me, FILE_, fd, 900));
  RAW(kcmp(me, me, FILE_, -1, fd));
  for (int type = VM; type <= SYSVSEM; type++) RAW(kcmp(me, me, type, 0, 0));
  RAW(kcmp(me, me, 8, 0, 0));
  RAW(kcmp(me, me, -1, 0, 0));
  RAW(kcmp(me, 4000000, VM, 0, 0));
  RAW(kcmp(0, me, VM, 0, 0));
  RAW(kcmp(-1, me, VM, 0, 0));
  pthread_t t;
  pthread_create(&t, NULL, thread, NULL);
  dt_await(&step, 1);
  for (int type = VM; type <= SIGHAND; type++) RAW(kcmp(me, thread_id, type, 0, 0));
  atomic_store(&step, 2);
  pthread_join(t, NULL);
  pid_t pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  for (int type = VM; type <= SIGHAND; type++) IS(kcmp(me, pid, type, 0, 0) > 0);
  RAW(kcmp(me, pid, FILE_, fd, fd));
  RAW(kcmp(me, pid, FILE_, fd, copy));
  int ep = MUST(epoll_create1(0)), pipes[2];
  MUST(pipe(pipes));
  struct epoll_event e = {.events = EPOLLIN};
  MUST(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &e));
  struct { uint32_t efd, tfd, toff; } slot = {ep, pipes[0], 0};
  RAW(kcmp(me, me, EPOLL_TFD, pipes[0], (unsigned long)&slot));
  IS(kcmp(me, me, EPOLL_TFD, fd, (unsigned long)&slot) > 0);
  slot.toff = 1;
  RAW(kcmp(me, me, EPOLL_TFD, pipes[0], (unsigned long)&slot));
  slot = (typeof(slot)){fd, pipes[0], 0};
  RAW(kcmp(me, me, EPOLL_TFD, pipes[0], (unsigned long)&slot));
  RAW(kcmp(me, me, EPOLL_TFD, pipes[0], 8));
  MUST(setresuid(1000, 1000, 1000));
  RAW(kcmp(getppid(), me, VM, 0, 0));
  kill(pid, SIGKILL);
  return 0;
}
