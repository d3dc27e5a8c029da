/* Pipes between processes: one byte there and back (lat_pipe), bandwidth (bw_pipe), a ring of processes (lat_ctx). */
#include "works.h"
#include <sys/wait.h>

#define MOST 128
#define CHUNK 65536

static int pipes[MOST][2];
static pid_t children[MOST];
static long processes;

static void open_pipes(long n) {
  for (long i = 0; i < n; i++) must(pipe(pipes[i]), "pipe");
}

static void end_children(void) {
  for (long i = 1; i < processes; i++) stop_child(children[i]);
  for (long i = 0; i < processes; i++) {
    close(pipes[i][0]);
    close(pipes[i][1]);
  }
}

/* Process i takes a byte from pipe i and gives it to the next one's. */
static void pass_on(long i) {
  char byte;
  for (;;) {
    take(pipes[i][0], &byte, 1);
    give(pipes[(i + 1) % processes][1], &byte, 1);
  }
}

static void ring(long n) {
  if (n < 2 || n > MOST) fail("ring");
  processes = n;
  open_pipes(n);
  for (long i = 1; i < n; i++) children[i] = child(pass_on, i);
}

static void rounds(long count) {
  char byte = 1;
  for (long i = 0; i < count; i++) {
    give(pipes[1][1], &byte, 1);
    take(pipes[0][0], &byte, 1);
  }
}
WORK(ring, .begin = ring, .turn = rounds, .end = end_children)

static void pour(long unused) {
  static char chunk[CHUNK];
  (void)unused;
  for (;;) give(pipes[0][1], chunk, CHUNK);
}

static void source(long unused) {
  (void)unused;
  processes = 2;
  open_pipes(2);
  children[1] = child(pour, 0);
}

static void drain(long count) {
  static char chunk[CHUNK];
  for (long i = 0; i < count; i++) take(pipes[0][0], chunk, CHUNK);
}
WORK(bw_pipe, .begin = source, .turn = drain, .end = end_children)
