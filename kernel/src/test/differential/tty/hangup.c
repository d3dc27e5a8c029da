/* Hang-ups: the master closes, the session's leader ends, vhangup; what processes and descriptors see. */
#include "difftest.h"
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int m, s, said[2];
static char name[100];

static void tell(const char *what) { write(said[1], what, strlen(what) + 1); }

static void hear(const char *who) {
  char b[200];
  size_t n = 0;
  for (;;) {
    if (read(said[0], b + n, 1) != 1) { printf("%s: silence\n", who); return; }
    if (b[n++] == 0) break;
  }
  printf("%s says %s\n", who, b);
}

static void nothing_more(const char *who) {
  struct pollfd p = {said[0], POLLIN, 0};
  printf("%s has %s\n", who, poll(&p, 1, 120) ? "more to say" : "no more to say");
}

static void result(const char *label, long r) {
  char b[100];
  if (r < 0) snprintf(b, sizeof b, "%s: %s", label, ename(errno));
  else snprintf(b, sizeof b, "%s: %ld", label, r);
  tell(b);
}

static void leader_reads(void) {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGHUP);
  sigaddset(&both, SIGCONT);
  sigprocmask(SIG_BLOCK, &both, NULL);
  tell("leader ready");
  char b[10];
  result("read", read(s, b, 10));
  result("read", read(s, b, 10));
  result("write", write(s, b, 1));
  struct termios t;
  result("attributes", tcgetattr(s, &t));
  struct timespec five = {5, 0};
  int first = sigtimedwait(&both, NULL, &five);
  int second = sigtimedwait(&both, NULL, &five);
  tell(first + second == SIGHUP + SIGCONT && first != second ? "both signals came" : "signals are missing");
  result("/dev/tty", open("/dev/tty", O_RDWR));
}

int main(void) {
  dt_start(30);
  MUST(pipe(said));
  /* The master closes while the leader reads. */
  MUST(openpty(&m, &s, name, NULL, NULL));
  pid_t leader = fork();
  if (leader == 0) {
    close(m);
    setsid();
    ioctl(s, TIOCSCTTY, 0);
    leader_reads();
    _exit(0);
  }
  close(s);
  hear("leader");
  dt_await_state(leader, "S");
  dt_sleep_ms(20);
  close(m);
  for (int i = 0; i < 6; i++) hear("leader");
  dt_reap("leader", leader);
  nothing_more("leader");

  /* The leader exits while a job in the foreground holds no descriptor. */
  int status, ends[2];
  MUST(pipe(ends));
  MUST(openpty(&m, &s, name, NULL, NULL));
  leader = fork();
  if (leader == 0) {
    close(m);
    setsid();
    ioctl(s, TIOCSCTTY, 0);
    signal(SIGTTOU, SIG_IGN);
    if (fork() == 0) {
      setpgid(0, 0);
      tcsetpgrp(s, getpid());
      sigset_t hup;
      sigemptyset(&hup);
      sigaddset(&hup, SIGHUP);
      sigprocmask(SIG_BLOCK, &hup, NULL);
      tell("job ready");
      tell(sigwaitinfo(&hup, NULL) == SIGHUP ? "SIGHUP came" : "something else");
      char b[10];
      fcntl(s, F_SETFL, O_NONBLOCK);
      result("job reads", read(s, b, 10));
      result("job writes", write(s, b, 1));
      int t = open("/dev/tty", O_RDWR);
      result("job opens /dev/tty", t);
      close(s);
      tell("job closed");
      _exit(0);
    }
    char c;
    read(ends[0], &c, 1);
    _exit(3);
  }
  close(s);
  hear("job");
  write(ends[1], "x", 1);
  waitpid(leader, &status, 0);
  dt_status("leader", status);
  for (int i = 0; i < 5; i++) hear("job");
  char b[10];
  dt_sleep_ms(30);
  SHOW_AS("master reads", read(m, b, 10));
  int sid;
  SHOW_AS("session", ioctl(m, TIOCGSID, &sid));
  s = open(name, O_RDWR | O_NOCTTY);
  IS(s >= 0);
  write(m, "new\n", 4);
  SHOW_AS("open again, reads", read(s, b, 10));
  close(s);
  close(m);

  /* vhangup of a terminal without a session. */
  MUST(openpty(&m, &s, name, NULL, NULL));
  if (ioctl(s, TIOCVHANGUP) == 0) printf("hung up\n");
  dt_sleep_ms(10);
  SHOW_AS("dead slave reads", read(s, b, 10));
  SHOW_AS("dead slave writes", write(s, b, 1));
  struct pollfd p = {s, POLLIN | POLLOUT, 0};
  poll(&p, 1, 0);
  printf("dead slave polls %#x\n", p.revents);
  int fresh = open(name, O_RDWR | O_NOCTTY);
  IS(fresh >= 0);
  SHOW_AS("fresh slave writes", write(fresh, "x", 1));
  dt_sleep_ms(10);
  SHOW_AS("master reads", read(m, b, 10));
  return 0;
}
