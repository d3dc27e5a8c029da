/*
 * What comes along with calls in quick succession, which a kernel may serve while the caller waits in user mode: signals that
 * a call raises or lets through, interrupted calls, files, descriptors, buffers that are not there, are shared, or are
 * taken away by another thread meanwhile.
 */
#include "difftest.h"

enum { MANY = 2000 };

static atomic_int seen;

static volatile int teller = -1;

static void count(int sig UNUSED) {
  if (seen++ == 0 && teller >= 0) write(teller, "t", 1);
}

static void handle(int sig, int flags) {
  struct sigaction action = {.sa_handler = count, .sa_flags = flags};
  MUST(sigaction(sig, &action, NULL));
}

static void raised(void) {
  int p[2];
  MUST(pipe(p));
  close(p[0]);
  handle(SIGPIPE, SA_RESTART);
  bool right = true;
  seen = 0;
  for (int i = 1; i <= MANY && right; i++)
    right = write(p[1], "x", 1) == -1 && errno == EPIPE && seen == i;
  dt_truth("SIGPIPE comes before the next instruction", right);
  close(p[1]);
}

static void let_through(void) {
  handle(SIGUSR1, 0);
  sigset_t one, old, pending;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  bool right = true;
  seen = 0;
  for (int i = 1; i <= MANY && right; i++) {
    right = sigprocmask(SIG_BLOCK, &one, &old) == 0 && kill(getpid(), SIGUSR1) == 0 && seen == i - 1;
    right = right && sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1;
    right = right && sigprocmask(SIG_SETMASK, &old, NULL) == 0 && seen == i;
  }
  dt_truth("a signal let through comes at once", right);
}

static void interrupted(void) {
  int p[2], told[2];
  MUST(pipe(p));
  MUST(pipe(told));
  char b;
  bool right = true;
  for (int restart = 0; restart < 2; restart++) {
    handle(SIGALRM, restart ? SA_RESTART : 0);
    teller = restart ? told[1] : -1;
    for (int i = 0; i < 20 && right; i++) {
      for (int j = 0; j < 100; j++) right = right && write(p[1], "a", 1) == 1 && read(p[0], &b, 1) == 1;
      seen = 0;
      struct itimerval often = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};
      pid_t child = 0;
      if (restart && (child = MUST(fork())) == 0) {
        _exit(read(told[0], &b, 1) == 1 && write(p[1], "b", 1) == 1 ? 0 : 1);
      }
      setitimer(ITIMER_REAL, &often, NULL);
      ssize_t n = read(p[0], &b, 1);
      int error = errno;
      setitimer(ITIMER_REAL, &never, NULL);
      right = right && seen >= 1 && (restart ? n == 1 && b == 'b' : n == -1 && error == EINTR);
      if (child) waitpid(child, NULL, 0);
    }
    dt_truth(restart ? "reads restart" : "reads are interrupted", right);
  }
  teller = -1;
  close(p[0]);
  close(p[1]);
  close(told[0]);
  close(told[1]);
}

static void files(void) {
  char name[] = "/tmp/quick_effects_XXXXXX";
  int fd = MUST(mkstemp(name));
  bool right = true;
  struct stat st;
  for (int i = 0; i < MANY && right; i++) {
    char b = (char)i, c = 1;
    right = write(fd, &b, 1) == 1 && lseek(fd, 0, SEEK_CUR) == i + 1 && pread(fd, &c, 1, i) == 1 && c == b;
    right = right && fstat(fd, &st) == 0 && st.st_size == i + 1 && stat(name, &st) == 0 && st.st_size == i + 1;
    right = right && pwrite(fd, "z", 1, i / 2) == 1 && read(fd, &c, 1) == 0;
  }
  dt_truth("a file grows", right);
  for (int i = 0; i < MANY && right; i++) {
    int other = open(name, i & 1 ? O_RDONLY : O_WRONLY | O_CLOEXEC);
    right = other > fd && fcntl(other, F_GETFD) == (i & 1 ? 0 : FD_CLOEXEC);
    int third = dup2(other, other + 7);
    right = right && third == other + 7 && (fcntl(third, F_GETFL) & O_ACCMODE) == (i & 1 ? O_RDONLY : O_WRONLY);
    right = right && close(other) == 0 && close(third) == 0 && close(third) == -1 && errno == EBADF;
    right = right && access(name, W_OK) == 0 && access("/tmp/quick_effects_none", F_OK) == -1 && errno == ENOENT;
  }
  dt_truth("descriptors", right);
  unlink(name);
  SHOW(stat(name, &st));
  close(fd);
}

static void bad_buffers(void) {
  int p[2];
  MUST(pipe(p));
  long page = sysconf(_SC_PAGESIZE);
  char *m = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(m + page, page);
  void *volatile nowhere = NULL;
  bool right = true;
  char b[8];
  for (int i = 0; i < MANY && right; i++) {
    right = write(p[1], "12345678", 8) == 8;
    right = right && read(p[0], nowhere, 8) == -1 && errno == EFAULT;
    right = right && read(p[0], (void *)-4096L, 8) == -1 && errno == EFAULT;
    right = right && read(p[0], b, 8) == 8 && memcmp(b, "12345678", 8) == 0;
    right = right && write(p[1], m + page, 1) == -1 && errno == EFAULT;
    right = right && stat("/", (void *)(m + page)) == -1 && errno == EFAULT;
    right = right && stat(m + page, (void *)m) == -1 && errno == EFAULT;
  }
  dt_truth("bad buffers", right);
  close(p[0]);
  close(p[1]);
  munmap(m, page);
}

/* Pages that nobody has touched yet, and pages shared with a child. */
static void new_buffers(void) {
  enum { PAGES = 300 };
  long page = sysconf(_SC_PAGESIZE);
  int fd = MUST(open("/dev/zero", O_RDONLY));
  char name[] = "/tmp/quick_effects_XXXXXX";
  int file = MUST(mkstemp(name));
  unlink(name);
  char *m = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  bool right = true;
  for (int i = 0; i < PAGES; i++) {
    memset(m, i, 1);
    right = right && pwrite(file, m, 1, i) == 1 && pread(file, m + i * page, 1, i) == 1 && m[i * page] == (char)i;
  }
  dt_truth("untouched pages", right);
  pid_t child = MUST(fork());
  if (child == 0) {
    for (int i = 0; i < PAGES; i++)
      right = right && read(fd, m + i * page, 2) == 2 && m[i * page] == 0;
    _exit(right ? 3 : 4);
  }
  for (int i = 0; i < PAGES; i++) right = right && pread(file, m + i * page + 1, 1, i) == 1;
  dt_reap("a child's copies", child);
  for (int i = 1; i < PAGES; i++) right = right && m[i * page] == (char)i && m[i * page + 1] == (char)i;
  dt_truth("shared pages", right);
  close(fd);
  close(file);
}

static char *shaky;
static atomic_int stop;

static void *shake(void *how) {
  long page = sysconf(_SC_PAGESIZE);
  while (!atomic_load(&stop)) {
    if (how) {
      mprotect(shaky, page, PROT_READ);
      mprotect(shaky, page, PROT_READ | PROT_WRITE);
    } else {
      munmap(shaky, page);
      mmap(shaky, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
  }
  return NULL;
}

/* A read either fails or succeeds, and is never made twice. */
static void shaky_buffers(void) {
  long page = sysconf(_SC_PAGESIZE);
  shaky = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int p[2];
  MUST(pipe2(p, O_NONBLOCK));
  for (long how = 0; how < 2; how++) {
    pthread_t t;
    stop = 0;
    pthread_create(&t, NULL, shake, (void *)how);
    bool right = true;
    for (int i = 0; i < 1500 && right; i++) {
      right = write(p[1], "abcd", 4) == 4;
      ssize_t n = read(p[0], shaky, 4);
      char b[8];
      ssize_t rest = read(p[0], b, 8);
      right = right && (n == 4 ? rest == -1 && errno == EAGAIN : n == -1 && (rest == 4 || errno == EAGAIN));
    }
    stop = 1;
    pthread_join(t, NULL);
    dt_truth(how ? "protection that changes" : "mappings that go", right);
  }
  close(p[0]);
  close(p[1]);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *other_side(void *unused UNUSED) {
  for (int i = 0; i < 1000; i++) {
    pthread_mutex_lock(&mutex);
    while (turn != 1) pthread_cond_wait(&changed, &mutex);
    turn = 0;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

static void futexes(void) {
  pthread_t t;
  pthread_create(&t, NULL, other_side, NULL);
  for (int i = 0; i < 1000; i++) {
    pthread_mutex_lock(&mutex);
    while (turn != 0) pthread_cond_wait(&changed, &mutex);
    turn = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
  }
  pthread_join(t, NULL);
  printf("turns over: %d\n", turn);
  struct timespec soon = {0, 2000000};
  int word = 5;
  bool right = true;
  for (int i = 0; i < 20 && right; i++) {
    right = syscall(SYS_futex, &word, 0, 5, &soon, NULL, 0) == -1 && errno == ETIMEDOUT;
    right = right && syscall(SYS_futex, &word, 0, 6, &soon, NULL, 0) == -1 && errno == EAGAIN;
    right = right && syscall(SYS_futex, &word, 1, 1, NULL, NULL, 0) == 0;
  }
  dt_truth("futexes time out", right);
}

static void killed(void) {
  int p[2];
  MUST(pipe(p));
  for (int i = 0; i < 20; i++) {
    pid_t child = MUST(fork());
    if (child == 0) {
      char b;
      for (;;)
        if (write(p[1], "x", 1) != 1 || read(p[0], &b, 1) != 1) _exit(1);
    }
    dt_sleep_ms(2);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status)) printf("not killed\n");
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    char rest[16];
    while (read(p[0], rest, 16) > 0) {}
    fcntl(p[0], F_SETFL, 0);
  }
  printf("killed\n");
}

int main(void) {
  dt_start(100);
  raised();
  let_through();
  files();
  bad_buffers();
  new_buffers();
  shaky_buffers();
  futexes();
  killed();
  interrupted();
  return 0;
}
