/*
 * What all measured work has in common. One program holds all of it, so that one start of a sandbox is enough for a whole
 * table: it says "ready\n", then "NAME ARGUMENT COUNT\n" comes in, "NANOSECONDS\n" goes out, or the numbers that the work itself
 * has found.
 */
#ifndef WORKS_H
#define WORKS_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct work {
  const char *name;
  void (*begin)(long argument); /* what is not measured: children, threads, memory; may be null */
  void (*turn)(long count);     /* what is measured */
  void (*end)(void);            /* takes back what begin has made; may be null */
  struct work *next;
};

void add_work(struct work *work);

/* Numbers to answer with, in place of the time the turn took. */
void answer(double value);

/* The path of this program, and of the C sources. */
extern const char *self;

#define WORK(id, ...)                                                             \
  static struct work work_##id = {.name = #id, __VA_ARGS__};                      \
  __attribute__((constructor)) static void add_##id(void) { add_work(&work_##id); }

static inline long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* Ends the program, and says why on standard error, where the report looks for it. */
_Noreturn void fail(const char *what);

static inline long must(long result, const char *what) {
  if (result < 0) fail(what);
  return result;
}

/* A process that runs body(argument) and dies with its parent. */
pid_t child(void (*body)(long), long argument);

/* Ends a child and waits for it. */
void stop_child(pid_t pid);

/* A byte or more, whole or not at all. */
void give(int fd, const void *bytes, size_t size);
void take(int fd, void *bytes, size_t size);

#endif
