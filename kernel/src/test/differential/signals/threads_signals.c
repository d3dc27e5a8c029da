/* Signals and threads: directed ones, process-wide ones to any thread that does not block, masks inherited. */
#include "difftest.h"

static atomic_int ready, where, stop;
static pthread_t threads[3];

static void on(int sig) {
  (void)sig;
  pthread_t self = pthread_self();
  for (int i = 0; i < 3; i++)
    if (pthread_equal(self, threads[i])) {
      atomic_store(&where, i + 1);
      return;
    }
  atomic_store(&where, 100);
}

static void *body(void *arg) {
  int index = (int)(intptr_t)arg;
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, NULL, &old);
  if (!sigismember(&old, SIGUSR1)) printf("mask not inherited\n");
  if (index == 1) pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  atomic_fetch_add(&ready, 1);
  while (!atomic_load(&stop)) dt_sleep_ms(2);
  sigset_t pending;
  sigpending(&pending);
  return (void *)(intptr_t)(sigismember(&pending, SIGUSR1) * 2 + sigismember(&pending, SIGUSR2));
}

static void *waiter(void *arg) {
  sigset_t *set = arg;
  int sig = 0;
  sigwait(set, &sig);
  return (void *)(intptr_t)sig;
}

int main(void) {
  dt_start(20);
  signal(SIGUSR1, on);
  signal(SIGUSR2, on);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, body, (void *)(intptr_t)i);
  IS(dt_await(&ready, 3));
  kill(getpid(), SIGUSR1);
  IS(dt_await(&where, 2));
  where = 0;
  pthread_kill(threads[2], SIGUSR2);
  IS(dt_await(&where, 3));
  where = 0;
  pthread_kill(threads[0], SIGUSR1);
  dt_sleep_ms(10);
  printf("blocked in its thread: where %d\n", atomic_load(&where));
  SHOW(pthread_kill(pthread_self(), 0));
  SHOW(pthread_kill(pthread_self(), 99));
  atomic_store(&stop, 1);
  void *value;
  for (int i = 0; i < 3; i++) {
    pthread_join(threads[i], &value);
    printf("thread %d pending %d\n", i, (int)(intptr_t)value);
  }
  sigset_t pending;
  sigpending(&pending);
  IS(!sigismember(&pending, SIGUSR1));
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGHUP);
  sigaddset(&wanted, SIGRTMIN);
  pthread_sigmask(SIG_BLOCK, &wanted, NULL);
  pthread_t t;
  pthread_create(&t, NULL, waiter, &wanted);
  kill(getpid(), SIGRTMIN);
  pthread_join(t, &value);
  printf("sigwait in a thread: %s\n", sname((int)(intptr_t)value));
  kill(getpid(), SIGUSR1);
  where = 0;
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  printf("pending process signal on unblock: where %d\n", atomic_load(&where));
  return 0;
}
