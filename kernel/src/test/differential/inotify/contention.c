/* Watches come and go while files do: every event of a lasting watch arrives, nothing hangs. */
#include "watching.h"

enum { THREADS = 4, FILES = 150 };
static atomic_int stop;

static void *makes(void *arg) {
  long i = (long)arg;
  char name[32];
  for (int k = 0; k < FILES; k++) {
    snprintf(name, sizeof name, "f%ld-%d", i, k);
    put(name, "x", O_CREAT);
    unlink(name);
  }
  return NULL;
}

static void *watches(void *unused) {
  (void)unused;
  while (!atomic_load(&stop)) {
    int other = inotify_init1(IN_NONBLOCK), wd[8];
    char b[4096];
    for (int i = 0; i < 8; i++) { snprintf(b, 32, "f%d-%d", i & 3, i * 7); wd[i] = inotify_add_watch(other, i == 0 ? "." : b, IN_ALL_EVENTS); }
    read(other, b, sizeof b);
    if (wd[0] > 0) inotify_rm_watch(other, wd[0]);
    close(other);
  }
  return NULL;
}

int main(void) {
  begin();
  MUST(inotify_add_watch(in, ".", IN_CREATE | IN_DELETE | IN_CLOSE_WRITE));
  pthread_t t[THREADS], w[2];
  for (long i = 0; i < THREADS; i++) pthread_create(&t[i], NULL, makes, (void *)i);
  for (int i = 0; i < 2; i++) pthread_create(&w[i], NULL, watches, NULL);
  for (int i = 0; i < THREADS; i++) pthread_join(t[i], NULL);
  atomic_store(&stop, 1);
  for (int i = 0; i < 2; i++) pthread_join(w[i], NULL);
  long created = 0, deleted = 0, closed = 0, other = 0, misplaced = 0;
  static char buf[65536];
  static char state[THREADS][FILES];
  ssize_t n;
  while ((n = read(in, buf, sizeof buf)) > 0)
    for (char *p = buf; p < buf + n;) {
      struct inotify_event *e = (void *)p;
      int a = 0, b = 0;
      if (e->len == 0 || sscanf(e->name, "f%d-%d", &a, &b) != 2) other++;
      else if (e->mask == IN_CREATE) { created++; misplaced += state[a][b]++ != 0; }
      else if (e->mask == IN_CLOSE_WRITE) { closed++; misplaced += state[a][b]++ != 1; }
      else if (e->mask == IN_DELETE) { deleted++; misplaced += state[a][b]++ != 2; }
      else other++;
      p += sizeof *e + e->len;
    }
  printf("created %ld closed %ld deleted %ld other %ld out of order %ld\n", created, closed, deleted, other, misplaced);
  return 0;
}
