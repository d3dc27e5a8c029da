/*
 * Runs a command at a new terminal, as a shell's foreground job, and types what standard input says:
 *   expect TEXT     waits until the command has printed TEXT after what was expected before
 *   send TEXT       types it; \r \n \e \xHH are escapes
 *   size ROWS COLS  changes the window
 *   raw             prints whether the terminal is in raw mode now
 *   signal N        sends it to the command
 * At the end it prints how the command ended and whether the terminal's modes are as before. Status 1: an expectation was
 * not met; what came instead is on standard error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 40000 };

static int master, slave;
static char *seen;
static size_t seen_length, seen_until;

static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Takes in what the command prints within `ms`; false if nothing came. */
static int take(int ms) {
  struct pollfd p = {master, POLLIN, 0};
  if (poll(&p, 1, ms) <= 0) return 0;
  seen = realloc(seen, seen_length + 4097);
  ssize_t n = read(master, seen + seen_length, 4096);
  if (n <= 0) return 0;
  seen_length += n;
  seen[seen_length] = 0;
  return 1;
}

static void expect(const char *text) {
  long end = now_ms() + LIMIT_MS;
  for (;;) {
    char *found = seen ? memmem(seen + seen_until, seen_length - seen_until, text, strlen(text)) : NULL;
    if (found) {
      seen_until = found - seen + strlen(text);
      return;
    }
    if (now_ms() > end) break;
    take(200);
  }
  fprintf(stderr, "expected '%s', but there was:\n%.*s\n", text, (int)(seen_length - seen_until), seen ? seen + seen_until : "");
  exit(1);
}

static void type(const char *text) {
  char b[1000];
  size_t n = 0;
  for (const char *p = text; *p && n < sizeof b; p++) {
    if (*p != '\\') b[n++] = *p;
    else if (*++p == 'r') b[n++] = '\r';
    else if (*p == 'n') b[n++] = '\n';
    else if (*p == 'e') b[n++] = 27;
    else if (*p == 'x') {
      char hex[3] = {p[1], p[2], 0};
      b[n++] = (char)strtol(hex, NULL, 16);
      p += 2;
    }
  }
  if (write(master, b, n) != (ssize_t)n) perror("write");
}

static void modes(struct termios *t) {
  memset(t, 0, sizeof *t);
  tcgetattr(slave, t);
}

static void step(char *line, pid_t pid) {
  int rows, columns;
  line[strcspn(line, "\n")] = 0;
  if (strncmp(line, "expect ", 7) == 0) expect(line + 7);
  else if (strncmp(line, "send ", 5) == 0) type(line + 5);
  else if (sscanf(line, "size %d %d", &rows, &columns) == 2) {
    struct winsize w = {rows, columns, 0, 0};
    ioctl(master, TIOCSWINSZ, &w);
  } else if (strncmp(line, "signal ", 7) == 0) kill(pid, atoi(line + 7));
  else if (strcmp(line, "raw") == 0) {
    struct termios t;
    modes(&t);
    printf("raw %s\n", t.c_lflag & ICANON ? "no" : "yes");
  } else {
    fprintf(stderr, "what is '%s'?\n", line);
    exit(1);
  }
}

int main(int argc, char **argv) {
  struct winsize w = {24, 80, 0, 0};
  struct termios before, after;
  if (argc < 2 || openpty(&master, &slave, NULL, NULL, &w) != 0) return 1;
  modes(&before);
  pid_t pid = fork();
  if (pid == 0) {
    close(master);
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
    close(slave);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  char line[1000];
  while (fgets(line, sizeof line, stdin)) step(line, pid);
  int status = 0;
  long end = now_ms() + LIMIT_MS;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    take(50);
    if (now_ms() > end) {
      fprintf(stderr, "it does not end; so far:\n%s\n", seen ? seen + seen_until : "");
      kill(pid, SIGKILL);
      return 1;
    }
  }
  while (take(100)) {}
  modes(&after);
  if (WIFSIGNALED(status)) printf("killed %d\n", WTERMSIG(status));
  else printf("status %d\n", WEXITSTATUS(status));
  printf("restored %s\n", memcmp(&before, &after, sizeof before) == 0 ? "yes" : "no");
  return 0;
}
