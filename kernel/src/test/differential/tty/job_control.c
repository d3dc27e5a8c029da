/* Controlling terminals and job control: who gets which signal, and what is refused. */
#include "difftest.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int m, s;
static char name[100];

/* Milestones come through a pipe so that the order is fixed. */
static int said[2], go[2];

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

static void release(void) { write(go[1], "x", 1); }
static void await_release(void) { char c; read(go[0], &c, 1); }

static void on_signal(int sig) {
  char b[40];
  snprintf(b, sizeof b, "caught %s", sname(sig));
  tell(b);
}

static void result(const char *label, long r) {
  char b[100];
  if (r < 0) snprintf(b, sizeof b, "%s: %s", label, ename(errno));
  else snprintf(b, sizeof b, "%s: %ld", label, r);
  tell(b);
}

static void status_of(const char *label, pid_t pid, int options) {
  int status;
  pid_t got = waitpid(pid, &status, options);
  if (got == pid) dt_status(label, status);
  else printf("%s: no status\n", label);
}

/* ---------------------------------------------------------------- acquiring */

static void acquiring(void) {
  MUST(openpty(&m, &s, name, NULL, NULL));
  SHOW_AS("a leader is needed", ioctl(s, TIOCSCTTY, 0));
  SHOW_AS("no terminal yet", open("/dev/tty", O_RDWR));
  int sid;
  SHOW_AS("no session", ioctl(m, TIOCGSID, &sid));
  setsid();
  SHOW_AS("read only", ({ int r = open(name, O_WRONLY); int t = open("/dev/tty", O_RDWR); int e = errno; close(r); errno = e; t; }));
  SHOW_AS("noctty", ({ int r = open(name, O_RDWR | O_NOCTTY); int t = open("/dev/tty", O_RDWR); int e = errno; close(r); errno = e; t; }));
  int other = MUST(open(name, O_RDWR));
  int t = open("/dev/tty", O_RDWR);
  IS(t >= 0);
  struct stat st;
  fstat(t, &st);
  IS(st.st_rdev == 0x500);
  IS(tcgetsid(t) == getsid(0));
  IS(tcgetpgrp(t) == getpgrp());
  IS(isatty(t));
  SHOW(ioctl(s, TIOCSCTTY, 0));
  int m2, s2;
  MUST(openpty(&m2, &s2, NULL, NULL, NULL));
  SHOW_AS("a second terminal", ioctl(s2, TIOCSCTTY, 0));
  SHOW_AS("not ours", tcsetpgrp(s2, getpgrp()));
  SHOW_AS("not ours", tcgetpgrp(s2));
  SHOW_AS("by its master", tcgetpgrp(m2));
  SHOW_AS("no such group", tcsetpgrp(t, 4194000));
  SHOW_AS("a negative group", tcsetpgrp(t, -4));
  SHOW_AS("foreign group", tcsetpgrp(t, getppid()));
  pid_t pid = fork();
  if (pid == 0) {
    setsid();
    SHOW_AS("another session", ioctl(s, TIOCSCTTY, 0));
    SHOW_AS("another session", tcgetpgrp(s));
    SHOW_AS("another session", open("/dev/tty", O_RDWR));
    fflush(stdout);
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  signal(SIGHUP, SIG_IGN);
  signal(SIGCONT, SIG_IGN);
  SHOW(ioctl(t, TIOCNOTTY));
  SHOW_AS("given up", open("/dev/tty", O_RDWR));
  SHOW_AS("given up", ioctl(other, TIOCNOTTY));
}

/* ---------------------------------------------------------------- keys */

static pid_t worker(void (*body)(void), bool foreground) {
  pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    signal(SIGTTOU, SIG_DFL);
    if (foreground) {
      sigset_t out;
      sigemptyset(&out);
      sigaddset(&out, SIGTTOU);
      sigprocmask(SIG_BLOCK, &out, NULL);
      tcsetpgrp(s, getpid());
      sigprocmask(SIG_UNBLOCK, &out, NULL);
    }
    body();
    _exit(0);
  }
  setpgid(pid, pid);
  return pid;
}

static void catcher(void) {
  int sigs[] = {SIGINT, SIGQUIT, SIGTSTP, SIGWINCH, SIGHUP, SIGCONT};
  for (unsigned i = 0; i < 6; i++) {
    struct sigaction sa = {.sa_handler = on_signal};
    sigaction(sigs[i], &sa, NULL);
  }
  tell("ready");
  for (;;) pause();
}

static void reader(void) {
  tell("reading");
  char b[20];
  result("read", read(s, b, sizeof b));
}

static void ignoring_reader(void) {
  signal(SIGTTIN, SIG_IGN);
  char b[20];
  result("read", read(s, b, sizeof b));
}

static void catching_reader(void) {
  struct sigaction sa = {.sa_handler = on_signal};
  sigaction(SIGTTIN, &sa, NULL);
  char b[20];
  result("read", read(s, b, sizeof b));
}

static void writer(void) { result("write", write(s, "w", 1)); }

static void setter(void) {
  struct termios t;
  tcgetattr(s, &t);
  result("tcsetattr", tcsetattr(s, TCSANOW, &t));
}

static void ignoring_setter(void) {
  signal(SIGTTOU, SIG_IGN);
  setter();
}

static void group_setter(void) { result("tcsetpgrp", tcsetpgrp(s, getpgrp())); }

/* With bash's way around it: SIGTTOU blocked. */
static void blocking_group_setter(void) {
  sigset_t out;
  sigemptyset(&out);
  sigaddset(&out, SIGTTOU);
  sigprocmask(SIG_BLOCK, &out, NULL);
  group_setter();
}

static void keys(void) {
  setsid();
  MUST(openpty(&m, &s, name, NULL, NULL));
  MUST(ioctl(s, TIOCSCTTY, 0));
  signal(SIGTTOU, SIG_IGN);
  pid_t pid = worker(catcher, true);
  hear("foreground");
  write(m, "\003", 1);
  hear("foreground");
  write(m, "\034", 1);
  hear("foreground");
  write(m, "\032", 1);
  hear("foreground");
  struct winsize w = {10, 20, 0, 0};
  ioctl(m, TIOCSWINSZ, &w);
  hear("foreground");
  ioctl(s, TIOCSWINSZ, &w);
  int sig = SIGINT;
  SHOW(ioctl(m, TIOCSIG, sig));
  hear("foreground");
  IS(tcgetpgrp(m) == pid);
  kill(pid, SIGKILL);
  status_of("catcher", pid, 0);
  /* Default actions. */
  struct { const char *label, *key; } ends[] = {{"intr", "\003"}, {"quit", "\034"}};
  for (int i = 0; i < 2; i++) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    pid = worker(reader, true);
    hear("reader");
    dt_await_state(pid, "S");
    write(m, ends[i].key, 1);
    int status;
    waitpid(pid, &status, 0);
    printf("%s kills by %s\n", ends[i].label, sname(WTERMSIG(status)));
  }
  pid = worker(reader, true);
  hear("reader");
  dt_await_state(pid, "S");
  write(m, "\032", 1);
  status_of("susp", pid, WUNTRACED);
  kill(pid, SIGCONT);
  status_of("susp", pid, WCONTINUED);
  dt_await_state(pid, "S");
  write(m, "hi\n", 3);
  hear("reader");
  status_of("reader", pid, 0);
  tcsetpgrp(s, getpgrp());
}

static void background(const char *label, void (*body)(void), bool stops) {
  printf("%s\n", label);
  pid_t pid = worker(body, false);
  if (body == reader) hear("background");
  if (stops) {
    status_of("background", pid, WUNTRACED);
    tcsetpgrp(s, pid);
    kill(-pid, SIGCONT);
    if (body == reader) write(m, "now\n", 4);
  }
  hear("background");
  status_of("background", pid, 0);
  tcsetpgrp(s, getpgrp());
}

static void backgrounds(void) {
  setsid();
  MUST(openpty(&m, &s, name, NULL, NULL));
  MUST(ioctl(s, TIOCSCTTY, 0));
  struct termios t;
  tcgetattr(s, &t);
  signal(SIGTTOU, SIG_IGN);
  background("read", reader, true);
  background("read, SIGTTIN ignored", ignoring_reader, false);
  background("write", writer, false);
  background("set attributes", setter, true);
  background("set attributes, SIGTTOU ignored", ignoring_setter, false);
  background("set the foreground group", group_setter, true);
  background("set the foreground group, SIGTTOU blocked", blocking_group_setter, false);
  t.c_lflag |= TOSTOP;
  tcsetattr(s, TCSANOW, &t);
  background("write with tostop", writer, true);
  printf("caught\n");
  pid_t pid = worker(catching_reader, false);
  hear("background");
  hear("background");
  status_of("background", pid, 0);
}

static void orphan_reader(void) {
  pid_t middle = fork();
  if (middle == 0) {
    if (fork() == 0) {
      setpgid(0, 0);
      while (getppid() == getsid(0)) {}
      await_release();
      char b[10];
      result("orphan reads", read(s, b, 10));
      struct termios t;
      tcgetattr(s, &t);
      result("orphan sets", tcsetattr(s, TCSANOW, &t));
      result("orphan takes the terminal", tcsetpgrp(s, getpgrp()));
    }
    _exit(0);
  }
  waitpid(middle, NULL, 0);
  release();
}

static void orphans(void) {
  setsid();
  MUST(openpty(&m, &s, name, NULL, NULL));
  MUST(ioctl(s, TIOCSCTTY, 0));
  orphan_reader();
  hear("child");
  hear("child");
  hear("child");
}

int main(void) {
  dt_start(50);
  MUST(pipe(said));
  MUST(pipe(go));
  dt_in_child("acquiring", acquiring);
  dt_in_child("keys", keys);
  dt_in_child("background", backgrounds);
  dt_in_child("orphans", orphans);
  return 0;
}
