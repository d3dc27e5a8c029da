/* Starts argv[1] threads, all blocked on a condition; says "full"; after a line on standard input wakes and joins them. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER, open_gate = PTHREAD_COND_INITIALIZER;
static int waiting, go;

static void *body(void *arg) {
  pthread_mutex_lock(&lock);
  waiting++;
  pthread_cond_signal(&arrived);
  while (!go) pthread_cond_wait(&open_gate, &lock);
  pthread_mutex_unlock(&lock);
  return arg;
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 2000, ended = 0;
  pthread_t *t = calloc(n, sizeof *t);
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 64 * 1024);
  for (int i = 0; i < n; i++) if (pthread_create(&t[i], &attr, body, &t[i])) { perror("pthread_create"); return 2; }
  pthread_mutex_lock(&lock);
  while (waiting < n) pthread_cond_wait(&arrived, &lock);
  pthread_mutex_unlock(&lock);
  puts("full");
  fflush(stdout);
  char c;
  read(0, &c, 1);
  pthread_mutex_lock(&lock);
  go = 1;
  pthread_cond_broadcast(&open_gate);
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < n; i++) {
    void *r;
    pthread_join(t[i], &r);
    ended += r == &t[i];
  }
  printf("%d ended\n", ended);
  return 0;
}
