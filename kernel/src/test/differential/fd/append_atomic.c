/* O_APPEND from several processes and threads: no line is lost or torn; shared offset after fork. */
#include "difftest.h"

enum { WRITERS = 4, LINES = 60 };

static void write_lines(int fd, int who) {
  char line[41];
  for (int i = 0; i < LINES; i++) {
    int n = snprintf(line, sizeof line, "%d:%03d:%033d\n", who, i, who);
    if (write(fd, line, n) != n) _exit(9);
  }
}

static int shared_fd;
static void *thread(void *arg) {
  write_lines(shared_fd, (int)(intptr_t)arg);
  return NULL;
}

static void check(const char *path) {
  FILE *f = fopen(path, "r");
  char line[100];
  int next[WRITERS] = {0}, lines = 0, wrong = 0;
  while (fgets(line, sizeof line, f)) {
    int who, i;
    lines++;
    if (strlen(line) != 40 || sscanf(line, "%d:%d:", &who, &i) != 2 || who >= WRITERS || next[who]++ != i) wrong++;
  }
  fclose(f);
  printf("%s: lines %d wrong %d\n", path, lines, wrong);
}

int main(void) {
  dt_start(30);
  for (int w = 0; w < WRITERS; w++)
    if (fork() == 0) {
      int fd = open("append", O_CREAT | O_WRONLY | O_APPEND, 0644);
      write_lines(fd, w);
      _exit(0);
    }
  int status, bad = 0;
  while (wait(&status) > 0) bad += status != 0;
  printf("bad %d\n", bad);
  check("append");
  int fd = MUST(open("shared", O_CREAT | O_WRONLY, 0644));
  for (int w = 0; w < WRITERS; w++)
    if (fork() == 0) {
      write_lines(fd, w);
      _exit(0);
    }
  while (wait(&status) > 0) bad += status != 0;
  check("shared");
  shared_fd = MUST(open("threads", O_CREAT | O_WRONLY, 0644));
  pthread_t t[WRITERS];
  for (int w = 0; w < WRITERS; w++) pthread_create(&t[w], NULL, thread, (void *)(intptr_t)w);
  for (int w = 0; w < WRITERS; w++) pthread_join(t[w], NULL);
  check("threads");
  return 0;
}
