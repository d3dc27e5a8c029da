/* io_destroy(2) of a context that others wait on: they are told, and keep what they have collected. */
#include "difftest.h"
#include <linux/aio_abi.h>
#include <pthread.h>
#include <sys/eventfd.h>

struct waiter {
  aio_context_t context;
  long least, result;
  struct io_event events[4];
  volatile int tid;
};

static void *wait_for_events(void *argument) {
  struct waiter *w = argument;
  w->tid = syscall(SYS_gettid);
  w->result = raw5(SYS_io_getevents, w->context, w->least, 4, w->events, NULL);
  return NULL;
}

static void until_asleep(struct waiter *w) {
  char path[64], state = 0;
  while (w->tid == 0) sched_yield();
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", w->tid);
  while (state != 'S') {
    FILE *f = fopen(path, "r");
    if (f == NULL || fscanf(f, "%*d (%*[^)]) %c", &state) != 1) state = 0;
    if (f != NULL) fclose(f);
  }
}

/* Waiters that want `least` each; events: how many there are. */
static void destroyed(int waiters, long least, int events) {
  aio_context_t context = 0;
  struct waiter w[2];
  pthread_t threads[2];
  char buffer[8] = {0};
  int fd = open("/dev/null", O_WRONLY);
  printf("%d waiters for %ld, %d events: setup %ld", waiters, least, events, syscall(SYS_io_setup, 8, &context));
  for (int i = 0; i < waiters; i++) {
    memset(&w[i], 0, sizeof w[i]);
    w[i].context = context;
    w[i].least = least;
    pthread_create(&threads[i], NULL, wait_for_events, &w[i]);
    until_asleep(&w[i]);
  }
  for (int i = 0; i < events; i++) {
    struct iocb request = {.aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = fd, .aio_buf = (unsigned long)buffer, .aio_nbytes = 8};
    struct iocb *list[] = {&request};
    printf(", submit %ld", syscall(SYS_io_submit, context, 1, list));
  }
  printf(", destroy %ld", raw1(SYS_io_destroy, context));
  for (int i = 0; i < waiters; i++) {
    pthread_join(threads[i], NULL);
    printf(", waiter %ld", w[i].result);
  }
  printf("\n");
  close(fd);
}

int main(void) {
  dt_start(20);
  destroyed(1, 1, 0);
  destroyed(2, 1, 0);
  destroyed(1, 2, 1);
  destroyed(1, 3, 2);
  return 0;
}
