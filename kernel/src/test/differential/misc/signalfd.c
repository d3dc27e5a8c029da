/* signalfd: blocked signals are read in order, with particulars; poll, masks, children. */
#include "difftest.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

static void *late(void *arg) {
  (void)arg;
  dt_sleep_ms(50);
  kill(getpid(), SIGUSR2);
  return NULL;
}

int main(void) {
  dt_start(20);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  SHOW(signalfd(0, &set, 0));
  SHOW(signalfd(999, &set, 0));
  SHOW(signalfd(-1, &set, 4));
  RAW(raw4(SYS_signalfd4, -1, &set, 4, 0));
  int fd = MUST(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  struct signalfd_siginfo s[4];
  SHOW(read(fd, s, sizeof s));
  SHOW(read(fd, s, 100));
  struct pollfd p = {fd, POLLIN, 0};
  SHOW(poll(&p, 1, 0));
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5});
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 6});
  kill(getpid(), SIGUSR1);
  kill(getpid(), SIGUSR1);
  SHOW(poll(&p, 1, 0));
  ssize_t n = SHOW(read(fd, s, sizeof s));
  for (int i = 0; i < n / (int)sizeof *s; i++)
    printf("%s code %d int %d me %d\n", sname(s[i].ssi_signo), s[i].ssi_code, s[i].ssi_int,
           s[i].ssi_pid == (uint32_t)getpid());
  SHOW(poll(&p, 1, 0));
  pid_t pid = fork();
  if (pid == 0) _exit(3);
  SHOW(poll(&p, 1, 5000));
  SHOW(read(fd, s, sizeof s));
  printf("%s code %d status %d child %d\n", sname(s[0].ssi_signo), s[0].ssi_code, s[0].ssi_status,
         s[0].ssi_pid == (uint32_t)pid);
  waitpid(pid, NULL, 0);
  fcntl(fd, F_SETFL, 0);
  pthread_t t;
  pthread_create(&t, NULL, late, NULL);
  SHOW_AS("blocking", read(fd, s, sizeof *s));
  printf("%s\n", sname(s[0].ssi_signo));
  pthread_join(t, NULL);
  int ep = MUST(epoll_create1(0));
  struct epoll_event e = {.events = EPOLLIN};
  MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
  SHOW(epoll_wait(ep, &e, 1, 0));
  pthread_create(&t, NULL, late, NULL);
  SHOW(epoll_wait(ep, &e, 1, 5000));
  pthread_join(t, NULL);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  IS(signalfd(fd, &one, 0) == fd);
  SHOW(poll(&p, 1, 0));
  IS(signalfd(fd, &set, 0) == fd);
  SHOW(poll(&p, 1, 0));
  SHOW(read(fd, s, sizeof *s));
  return 0;
}
