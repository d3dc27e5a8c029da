/* Reads requests and does the work asked for; see works.h. */
#include "works.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define ANSWERS 8

const char *self;
static struct work *works;
static double answers[ANSWERS];
static int answered;

void add_work(struct work *work) {
  work->next = works;
  works = work;
}

void answer(double value) {
  if (answered < ANSWERS) answers[answered++] = value;
}

void fail(const char *what) {
  fprintf(stderr, "works: %s: %s\n", what, strerror(errno));
  exit(1);
}

pid_t child(void (*body)(long), long argument) {
  pid_t parent = getpid();
  pid_t pid = must(fork(), "fork");
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent) body(argument);
  _exit(0);
}

void stop_child(pid_t pid) {
  kill(pid, SIGKILL);
  must(waitpid(pid, NULL, 0), "waitpid");
}

void give(int fd, const void *bytes, size_t size) {
  if (write(fd, bytes, size) != (ssize_t)size) fail("write");
}

void take(int fd, void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t n = read(fd, (char *)bytes + done, size - done);
    if (n <= 0) fail("read");
    done += n;
  }
}

static struct work *find(const char *name) {
  for (struct work *w = works; w != NULL; w = w->next)
    if (strcmp(w->name, name) == 0) return w;
  errno = ENOENT;
  fail(name);
}

static void end(struct work *work) {
  if (work != NULL && work->end != NULL) work->end();
}

int main(int argc, char **argv) {
  if (argc > 1) return 0; /* what fork_exec has started */
  self = argv[0];
  struct work *current = NULL;
  char name[64];
  long argument, count, begun_with = 0;
  puts("ready");
  fflush(stdout);
  while (scanf("%63s %ld %ld", name, &argument, &count) == 3) {
    struct work *asked = find(name);
    if (asked != current || argument != begun_with) {
      end(current);
      current = asked;
      begun_with = argument;
      if (asked->begin != NULL) asked->begin(argument);
    }
    answered = 0;
    long long begin = now_ns();
    asked->turn(count);
    long long took = now_ns() - begin;
    if (answered == 0) answer(took);
    for (int i = 0; i < answered; i++) printf("%.0f%c", answers[i], i + 1 < answered ? ' ' : '\n');
    fflush(stdout);
  }
  end(current);
  return 0;
}
