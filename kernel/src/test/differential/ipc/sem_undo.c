/* SEM_UNDO: exit, kill, exec, threads, SETVAL, bounds. */
#include "../difftest.h"
#include <sys/ipc.h>
#include <sys/sem.h>

union semun { int val; struct semid_ds *buf; unsigned short *array; };
static int id;
static const union semun none;

static int op(int n, int change, int flags) {
  struct sembuf b = {n, change, flags};
  return semop(id, &b, 1);
}

static int value(int n) { return semctl(id, n, GETVAL, none); }

static void takes_and_exits(void) { SHOW(op(0, -2, SEM_UNDO)); printf("inside %d\n", value(0)); }
static void takes_and_dies(void) { SHOW(op(0, -2, SEM_UNDO)); raise(SIGKILL); }
static void adds_and_exits(void) { SHOW(op(0, 3, SEM_UNDO)); SHOW(op(1, 1, SEM_UNDO)); }
static void balanced(void) { op(0, -1, SEM_UNDO); op(0, 1, SEM_UNDO); op(0, 1, 0); }
static void reset_meanwhile(void) {
  SHOW(op(0, -2, SEM_UNDO));
  SHOW(semctl(id, 0, SETVAL, (union semun){.val = 1}));
}
static void execs(void) {
  SHOW(op(0, 1, SEM_UNDO));
  execl("/bin/sh", "sh", "-c", "exit 3", (char *)NULL);
}
static void over_range(void) {
  MUST(semctl(id, 0, SETVAL, (union semun){.val = 0}));
  SHOW(op(0, 32767, SEM_UNDO));
  SHOW(op(0, -32767, 0));
  SHOW(op(0, 1, SEM_UNDO));
  SHOW(op(0, 2, SEM_UNDO));
}
static void goes_below(void) {
  MUST(semctl(id, 0, SETVAL, (union semun){.val = 0}));
  SHOW(op(0, 5, SEM_UNDO));
  SHOW(op(0, -4, 0));
}
static void *thread_takes(void *unused) { (void)unused; op(0, -1, SEM_UNDO); return NULL; }
static void thread_ends(void) {
  pthread_t t;
  pthread_create(&t, NULL, thread_takes, NULL);
  pthread_join(t, NULL);
  printf("thread gone %d\n", value(0));
}
static void forks(void) {
  SHOW(op(0, -1, SEM_UNDO));
  pid_t p = fork();
  if (p == 0) _exit(0);
  waitpid(p, NULL, 0);
  printf("child gone %d\n", value(0));
}

int main(void) {
  dt_start(30);
  unshare(CLONE_NEWIPC); /* where that is allowed: objects of others do not disturb */
  id = MUST(semget(IPC_PRIVATE, 2, 0600));
  MUST(semctl(id, 0, SETVAL, (union semun){.val = 10}));
  dt_in_child("exits", takes_and_exits);
  printf("%d\n", value(0));
  IS(semctl(id, 0, GETPID, none) != getpid());
  dt_in_child("dies", takes_and_dies);
  printf("%d\n", value(0));
  dt_in_child("adds", adds_and_exits);
  printf("%d %d\n", value(0), value(1));
  dt_in_child("balanced", balanced);
  printf("%d\n", value(0));
  dt_in_child("reset", reset_meanwhile);
  printf("%d\n", value(0));
  dt_in_child("execs", execs);
  printf("%d\n", value(0));
  dt_in_child("range", over_range);
  printf("%d\n", value(0));
  dt_in_child("below", goes_below);
  printf("%d\n", value(0));
  MUST(semctl(id, 0, SETVAL, (union semun){.val = 10}));
  dt_in_child("thread", thread_ends);
  printf("%d\n", value(0));
  dt_in_child("forks", forks);
  printf("%d\n", value(0));
  /* Who waits is woken by an undo. */
  MUST(semctl(id, 1, SETVAL, (union semun){.val = 1}));
  int ready[2];
  MUST(pipe(ready));
  pid_t holder = fork();
  if (holder == 0) { op(1, -1, SEM_UNDO); write(ready[1], "x", 1); pause(); }
  char c;
  read(ready[0], &c, 1);
  pid_t waiter = fork();
  if (waiter == 0) { alarm(10); _exit(op(1, -1, 0) == 0 ? 0 : 1); }
  dt_await_state(waiter, "S");
  kill(holder, SIGKILL);
  dt_reap("holder", holder);
  dt_reap("waiter", waiter);
  SHOW(semctl(id, 0, IPC_RMID, none));
  return 0;
}
