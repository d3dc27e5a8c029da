/*
 * As many threads as the argument says compute and never make a system call. Beside them one thread sleeps, opens and
 * reads files, and passes bytes to and from another process: "ok" when all of that has been done twenty times.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static volatile long spinning;

static void *spin(void *unused) {
  __sync_fetch_and_add(&spinning, 1);
  for (;;) {}
  return unused;
}

int main(int argc, char **argv) {
  int to[2], from[2], threads = argc > 1 ? atoi(argv[1]) : 16;
  if (pipe(to) != 0 || pipe(from) != 0) return 1;
  if (fork() == 0) {
    char byte;
    close(to[1]);
    while (read(to[0], &byte, 1) == 1)
      if (write(from[1], &byte, 1) != 1) _exit(1);
    _exit(0);
  }
  for (int i = 0; i < threads; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, spin, NULL) != 0) return 2;
  }
  while (spinning < threads) usleep(1000); /* each has had a vCPU */
  for (int i = 0; i < 20; i++) {
    struct timespec five = {0, 5000000};
    char byte = 1;
    int file = open("/etc/passwd", O_RDONLY);
    if (file < 0 || read(file, &byte, 1) != 1 || close(file) != 0) return 3;
    if (clock_nanosleep(CLOCK_MONOTONIC, 0, &five, NULL) != 0) return 4;
    if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1) return 5;
  }
  puts("ok");
  fflush(stdout);
  _exit(0);
}
