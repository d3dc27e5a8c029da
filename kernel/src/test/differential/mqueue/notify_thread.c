/* mq_notify with SIGEV_THREAD: the C library's thread hears of messages through a netlink socket. */
#include "../difftest.h"
#include <mqueue.h>

static mqd_t q;
static atomic_int calls, value, other_thread;
static pthread_t main_thread;

static void called(union sigval v) {
  atomic_store(&value, v.sival_int);
  atomic_store(&other_thread, !pthread_equal(pthread_self(), main_thread));
  atomic_fetch_add(&calls, 1);
}

static void drain(void) { char b[64]; while (mq_receive(q, b, 64, NULL) >= 0) {} }

int main(void) {
  dt_start(30);
  unshare(CLONE_NEWIPC);
  main_thread = pthread_self();
  struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 64};
  q = mq_open("/dt-thread", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &a);
  mq_unlink("/dt-thread");
  struct sigevent ev = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = called, .sigev_value.sival_int = 17};
  SHOW(mq_notify(q, &ev));
  SHOW(mq_notify(q, &ev));
  char b[128] = "";
  pread(q, b, 127, 0);
  printf("%.37s\n", b);
  mq_send(q, "one", 3, 0);
  IS(dt_await(&calls, 1));
  printf("value %d other thread %d\n", atomic_load(&value), atomic_load(&other_thread));
  mq_send(q, "two", 3, 0);
  drain();
  for (int i = 2; i < 12; i++) {
    ev.sigev_value.sival_int = i;
    MUST(mq_notify(q, &ev));
    if (i & 1) { pid_t p = fork(); if (p == 0) { mq_send(q, "child", 5, 0); _exit(0); } waitpid(p, NULL, 0); }
    else mq_send(q, "self", 4, 0);
    if (!dt_await(&calls, i)) printf("call %d did not come\n", i);
    if (atomic_load(&value) != i) printf("value %d for %d\n", atomic_load(&value), i);
    drain();
  }
  printf("calls %d\n", atomic_load(&calls));
  SHOW(mq_notify(q, &ev));
  SHOW(mq_notify(q, NULL));
  mq_send(q, "nobody", 6, 0);
  drain();
  SHOW(mq_notify(q, &ev));
  SHOW(mq_close(q));
  dt_sleep_ms(50);
  printf("calls %d\n", atomic_load(&calls));
  return 0;
}
