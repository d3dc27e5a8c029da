/* Static program of FirstProgramTest: what pthreads needs of clone(2) and futex(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 16 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, robust;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static long counter;
static int turn, turns, passed;

static void *count(void *unused) {
  (void)unused;
  for (int i = 0; i < 20000 / THREADS; i++) {
    pthread_mutex_lock(&mutex);
    counter++;
    pthread_mutex_unlock(&mutex);
  }
  pthread_barrier_wait(&barrier);
  __atomic_add_fetch(&passed, 1, __ATOMIC_SEQ_CST);
  return 0;
}

static void *ping(void *which) {
  for (int i = 0; i < 100; i++) {
    pthread_mutex_lock(&mutex);
    while (turn != (int)(long)which) pthread_cond_wait(&cond, &mutex);
    turn = !turn;
    turns++;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&mutex);
  }
  return 0;
}

static void *die_holding(void *unused) {
  (void)unused;
  pthread_mutex_lock(&robust);
  return 0;
}

int main(void) {
  pthread_t t[THREADS];
  setvbuf(stdout, 0, _IOFBF, 4096);
  pthread_barrier_init(&barrier, 0, THREADS);
  for (int i = 0; i < THREADS; i++) pthread_create(&t[i], 0, count, 0);
  for (int i = 0; i < THREADS; i++) pthread_join(t[i], 0);
  printf("counter %ld\n", counter);
  for (long i = 0; i < 2; i++) pthread_create(&t[i], 0, ping, (void *)i);
  for (int i = 0; i < 2; i++) pthread_join(t[i], 0);
  printf("turns %d\nbarrier %d\n", turns, passed);

  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  pthread_mutex_lock(&mutex);
  printf("timed out %d\n", pthread_cond_timedwait(&cond, &mutex, &until) == ETIMEDOUT);

  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&robust, &attr);
  pthread_create(&t[0], 0, die_holding, 0);
  pthread_join(t[0], 0);
  printf("owner died %d\n", pthread_mutex_lock(&robust) == EOWNERDEAD);
  fflush(stdout);
  return 0;
}
