/* semget, semop, semctl: arrays all or nothing, waiting, counts, errors. */
#include "../difftest.h"
#include <sys/ipc.h>
#include <sys/sem.h>

union semun { int val; struct semid_ds *buf; unsigned short *array; struct seminfo *info; };
static int id;
static const union semun none;

static void values(const char *label) {
  unsigned short v[4] = {9, 9, 9, 9};
  union semun u = {.array = v};
  if (semctl(id, 0, GETALL, u) == -1) printf("%s: %s\n", label, ename(errno));
  else printf("%s: %d %d %d %d\n", label, v[0], v[1], v[2], v[3]);
}

static int op(int n, int change, int flags) {
  struct sembuf b = {n, change, flags};
  return semop(id, &b, 1);
}

static void errors(void) {
  SHOW(semget(IPC_PRIVATE, 0, 0600));
  SHOW(semget(IPC_PRIVATE, -1, 0600));
  SHOW(semget(IPC_PRIVATE, 32001, 0600));
  SHOW(semget(0x7abc0003, 4, 0));
  int k = MUST(semget(0x7abc0003, 4, IPC_CREAT | 0600));
  SHOW(semget(0x7abc0003, 5, 0));
  SHOW(semget(0x7abc0003, 4, IPC_CREAT | IPC_EXCL));
  IS(semget(0x7abc0003, 0, 0) == k);
  SHOW(semctl(k, 0, IPC_RMID, none));
  SHOW(semctl(k, 0, GETVAL, none));
  SHOW(semctl(-1, 0, GETVAL, none));
  SHOW(semctl(id, 4, GETVAL, none));
  SHOW(semctl(id, -1, GETVAL, none));
  SHOW(semctl(id, 0, 98, none));
  SHOW(semctl(id, 0, SETVAL, (union semun){.val = -1}));
  SHOW(semctl(id, 0, SETVAL, (union semun){.val = 32768}));
  SHOW(semctl(id, 9, SETVAL, (union semun){.val = 32768}));
  SHOW(semctl(id, 9, SETVAL, (union semun){.val = 1}));
  SHOW(semctl(id, 0, GETALL, (union semun){.array = (void *)8}));
  SHOW(semctl(id, 0, SETALL, (union semun){.array = (void *)8}));
  struct sembuf b[2] = {{0, 1, 0}, {4, 1, 0}};
  SHOW(semop(id, b, 0));
  SHOW(semop(id, b, 2));
  SHOW(semop(-1, b, 1));
  SHOW(semop(id, (void *)8, 1));
  SHOW(semop(id, b, 501));
  SHOW(op(0, -1, IPC_NOWAIT));
  SHOW(op(0, 32767, 0));
  SHOW(op(0, 1, 0));
  SHOW(op(0, 0, IPC_NOWAIT));
  struct timespec bad = {0, 1000000000}, shortly = {0, 20000000};
  SHOW(semtimedop(id, b, 1, &bad));
  b[0].sem_op = 0;
  SHOW(semtimedop(id, b, 1, &shortly));
  SHOW(semtimedop(id, b, 1, (void *)8));
}

static void all_or_nothing(void) {
  unsigned short v[4] = {1, 2, 3, 0};
  SHOW(semctl(id, 0, SETALL, (union semun){.array = v}));
  struct sembuf fails[3] = {{0, -1, 0}, {1, -2, 0}, {3, -1, IPC_NOWAIT}};
  SHOW(semop(id, fails, 3));
  values("unchanged");
  struct sembuf range[2] = {{0, -1, 0}, {1, 32767, 0}};
  SHOW(semop(id, range, 2));
  values("unchanged");
  struct sembuf twice[4] = {{3, 2, 0}, {3, -1, 0}, {3, -1, 0}, {3, 0, 0}};
  SHOW(semop(id, twice, 4));
  values("up and down");
  struct sembuf works[3] = {{0, -1, 0}, {1, -2, 0}, {2, 4, IPC_NOWAIT}};
  SHOW(semop(id, works, 3));
  values("done");
  IS(semctl(id, 1, GETPID, none) == getpid());
  v[2] = 40000;
  SHOW(semctl(id, 0, SETALL, (union semun){.array = v}));
  struct semid_ds d;
  SHOW(semctl(id, 0, IPC_STAT, (union semun){.buf = &d}));
  printf("nsems %lu otime %s ctime %s mode %o\n", d.sem_nsems, d.sem_otime ? "set" : "0", d.sem_ctime ? "set" : "0", d.sem_perm.mode);
  struct seminfo i;
  IS(semctl(0, 0, IPC_INFO, (union semun){.info = &i}) >= 0);
  printf("map %d mni %d mns %d mnu %d msl %d opm %d ume %d usz %d vmx %d aem %d\n", i.semmap, i.semmni, i.semmns, i.semmnu,
    i.semmsl, i.semopm, i.semume, i.semusz, i.semvmx, i.semaem);
}

static pid_t waits(int n, int change) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    alarm(10);
    int r = op(n, change, 0);
    _exit(r == 0 ? 0 : errno);
  }
  dt_await_state(p, "S");
  return p;
}

static void counts(const char *label) {
  printf("%s: ncnt %d %d zcnt %d %d\n", label, semctl(id, 0, GETNCNT, none), semctl(id, 1, GETNCNT, none),
    semctl(id, 0, GETZCNT, none), semctl(id, 1, GETZCNT, none));
}

static void code(const char *label, pid_t p) {
  int s = 0;
  waitpid(p, &s, 0);
  printf("%s: %s\n", label, WIFEXITED(s) ? ename(WEXITSTATUS(s)) : "killed");
}

static void waiting(void) {
  unsigned short v[4] = {0, 1, 0, 0};
  MUST(semctl(id, 0, SETALL, (union semun){.array = v}));
  pid_t big = waits(0, -3), small = waits(0, -1), zero = waits(1, 0);
  counts("three wait");
  SHOW(op(0, 1, 0));
  code("small", small);
  SHOW(op(1, -1, 0));
  code("zero", zero);
  counts("one waits");
  SHOW(op(0, 2, 0));
  counts("still");
  SHOW(semctl(id, 0, SETVAL, (union semun){.val = 5}));
  code("big", big);
  values("after");
  pid_t removed = waits(3, -1), also = waits(0, 0);
  kill(also, SIGTERM);
  code("term", also);
  counts("gone");
  SHOW(semctl(id, 0, IPC_RMID, none));
  code("removed", removed);
  values("removed");
}

static void on_signal(int s) { (void)s; }

static void interrupted(void) {
  struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &sa, NULL);
  pid_t me = getpid(), p = fork();
  if (p == 0) {
    dt_await_state(me, "S");
    kill(me, SIGUSR1);
    _exit(0);
  }
  SHOW(op(3, -1, 0));
  waitpid(p, NULL, 0);
}

/* Two that want several: the first in the queue that can go goes, in order. */
static void order(void) {
  int pipes[2];
  MUST(pipe(pipes));
  for (int i = 0; i < 4; i++) {
    pid_t p = fork();
    if (p == 0) {
      struct sembuf b[2] = {{0, -1, 0}, {2, 1, 0}};
      char c = '0' + i;
      semop(id, b, 2);
      write(pipes[1], &c, 1);
      op(1, 1, 0);
      _exit(0);
    }
    dt_await_state(p, "S");
  }
  for (int i = 0; i < 4; i++) {
    op(0, 1, 0);
    op(1, -1, 0);
  }
  char got[5] = "";
  read(pipes[0], got, 4);
  printf("order %s\n", got);
  while (wait(NULL) > 0) {}
}

int main(void) {
  dt_start(30);
  unshare(CLONE_NEWIPC); /* where that is allowed: objects of others do not disturb */
  id = MUST(semget(IPC_PRIVATE, 4, 0640));
  values("new");
  errors();
  all_or_nothing();
  unsigned short v[4] = {0, 0, 0, 0};
  MUST(semctl(id, 0, SETALL, (union semun){.array = v}));
  order();
  values("ordered");
  interrupted();
  waiting();
  return 0;
}
