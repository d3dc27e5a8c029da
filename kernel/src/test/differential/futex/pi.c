/* Priority-inheritance futexes: the word, contention, trylock, timeouts, deadlock, owners that die, glibc's mutexes. */
#include "difftest.h"
#include <linux/futex.h>

static long futex(void *word, int op, int val, void *timeout, void *word2, int val3) {
  return raw6(SYS_futex, (long)word, op, val, (long)timeout, (long)word2, val3);
}
#define LOCK(w, t) futex(w, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, t, 0, 0)
#define TRYLOCK(w) futex(w, FUTEX_TRYLOCK_PI | FUTEX_PRIVATE_FLAG, 0, 0, 0, 0)
#define UNLOCK(w) futex(w, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, 0, 0, 0)

static uint32_t word;
static atomic_int step;
static pid_t ids[8];
static long unlocked[2];

static void show(const char *label) {
  uint32_t w = __atomic_load_n(&word, __ATOMIC_SEQ_CST);
  const char *owner = "nobody";
  if ((w & FUTEX_TID_MASK) == (uint32_t)getpid()) owner = "main";
  else for (int i = 0; i < 8; i++) if (ids[i] && (w & FUTEX_TID_MASK) == (uint32_t)ids[i]) owner = i == 0 ? "first" : i == 1 ? "second" : "other";
  printf("%s: owner %s%s%s\n", label, owner, w & FUTEX_WAITERS ? " waiters" : "", w & FUTEX_OWNER_DIED ? " died" : "");
}

static void *waiter(void *arg) {
  long i = (long)arg;
  ids[i] = gettid();
  atomic_fetch_add(&step, 1);
  RAW_AS(i ? "second locks" : "first locks", LOCK(&word, NULL));
  show(i ? "second has it" : "first has it");
  unlocked[i] = UNLOCK(&word);
  return NULL;
}

static void *dies(void *arg) {
  (void)arg;
  ids[0] = gettid();
  RAW_AS("dying locks", LOCK(&word, NULL));
  atomic_store(&step, 1);
  dt_await(&step, 2);
  dt_sleep_ms(100);
  return NULL;
}

static void *blocked(void *arg) {
  (void)arg;
  ids[1] = gettid();
  dt_await(&step, 1);
  atomic_store(&step, 2);
  RAW_AS("heir locks", LOCK(&word, NULL));
  show("heir");
  RAW_AS("heir unlocks", UNLOCK(&word));
  return NULL;
}

static void on_signal(int sig) { (void)sig; }

static void *interrupted(void *arg) {
  (void)arg;
  ids[2] = gettid();
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += 300000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  atomic_store(&step, 1);
  RAW_AS("with a signal and a timeout", LOCK(&word, &t));
  return NULL;
}

static pthread_mutex_t mutex;
static int counter;

static void *counts(void *arg) {
  (void)arg;
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&mutex);
    counter++;
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

static void *abandons(void *arg) {
  pthread_mutex_lock(arg);
  return NULL;
}

int main(void) {
  dt_start(40);
  pthread_t t[4];
  RAW(UNLOCK(&word));
  RAW(LOCK(&word, NULL));
  show("taken");
  RAW(LOCK(&word, NULL));
  RAW(TRYLOCK(&word));
  show("still");
  RAW(UNLOCK(&word));
  show("free");
  RAW(TRYLOCK(&word));
  show("tried");
  for (long i = 0; i < 2; i++) {
    pthread_create(&t[i], NULL, waiter, (void *)i);
    dt_await(&step, i + 1);
    IS(dt_await_state(ids[i], "S"));
  }
  show("contended");
  RAW(futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, 0, 0, 0));
  RAW(futex(&word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, word, (&(struct timespec){0, 1000000}), 0, 0));
  long r = UNLOCK(&word);
  for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
  RAW(r);
  RAW(unlocked[0]);
  RAW(unlocked[1]);
  show("all done");
  memset(ids, 0, sizeof ids);

  RAW(UNLOCK((char *)&word + 1));
  RAW(LOCK((char *)&word + 1, NULL));
  RAW(LOCK((void *)8, NULL));
  RAW(UNLOCK((void *)8));
  struct timespec past = {1, 0}, bad = {0, -1};
  RAW(LOCK(&word, &past));
  RAW(UNLOCK(&word));
  RAW(LOCK(&word, &bad));
  word = 4000000;
  RAW(LOCK(&word, NULL));
  RAW(TRYLOCK(&word));
  RAW(UNLOCK(&word));
  printf("%x\n", word);
  word = 4000000 | FUTEX_WAITERS;
  RAW(LOCK(&word, &past));
  word = 0;

  atomic_store(&step, 0);
  pthread_create(&t[0], NULL, dies, NULL);
  pthread_create(&t[1], NULL, blocked, NULL);
  pthread_join(t[0], NULL);
  pthread_join(t[1], NULL);
  show("after the heir");
  word = 0;

  signal(SIGUSR1, on_signal);
  RAW(LOCK(&word, NULL));
  atomic_store(&step, 0);
  pthread_create(&t[0], NULL, interrupted, NULL);
  dt_await(&step, 1);
  dt_await_state(ids[2], "S");
  pthread_kill(t[0], SIGUSR1);
  pthread_join(t[0], NULL);
  show("after the timeout");
  RAW(UNLOCK(&word));
  RAW(futex(&word, FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, &past, 0, 0));
  RAW(UNLOCK(&word));
  RAW(futex(&word, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, 0, 0, 0, 0));

  pthread_mutexattr_t a;
  pthread_mutexattr_init(&a);
  SHOW(pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT));
  SHOW(pthread_mutex_init(&mutex, &a));
  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, counts, NULL);
  for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
  SHOW(counter);
  pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_t robust;
  SHOW(pthread_mutex_init(&robust, &a));
  pthread_create(&t[0], NULL, abandons, &robust);
  pthread_join(t[0], NULL);
  printf("%s\n", ename(pthread_mutex_lock(&robust)));
  SHOW(pthread_mutex_consistent(&robust));
  SHOW(pthread_mutex_unlock(&robust));
  SHOW(pthread_mutex_lock(&robust));
  struct timespec soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  printf("%s\n", ename(pthread_mutex_timedlock(&robust, &soon)));
  return 0;
}
