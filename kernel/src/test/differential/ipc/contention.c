/* Many processes and threads on the same objects at once: nothing is lost, nothing hangs. */
#include "../difftest.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum { WORKERS = 6, ROUNDS = 400 };
static int shm, sem, msg;
static volatile long *words;
static mqd_t mq;

static void change(int n, int by, int flags) {
  struct sembuf b = {n, by, flags};
  while (semop(sem, &b, 1) == -1) if (errno != EINTR) _exit(50);
}

static void all(void (*work)(int)) {
  for (int i = 0; i < WORKERS; i++) if (fork() == 0) { alarm(25); work(i); _exit(0); }
  int bad = 0, s;
  while (wait(&s) > 0) bad += s != 0;
  printf("failed: %d\n", bad);
}

static void adds(int i) {
  (void)i;
  for (int k = 0; k < ROUNDS; k++) {
    change(0, -1, k & 1 ? SEM_UNDO : 0);
    long v = words[0];
    if ((k & 63) == 0) sched_yield();
    words[0] = v + 1;
    change(0, 1, k & 1 ? SEM_UNDO : 0);
  }
}

/* Dies in the middle of every other turn; the undo lets the next one in. */
static void dies(int i) {
  for (int k = 0; k < 40; k++) {
    pid_t p = fork();
    if (p == 0) { change(0, -1, SEM_UNDO); words[1]++; if ((k + i) & 1) raise(SIGKILL); change(0, 1, SEM_UNDO); _exit(0); }
    waitpid(p, NULL, 0);
  }
}

static void attaches(int i) {
  (void)i;
  for (int k = 0; k < 100; k++) {
    int id = shmget(IPC_PRIVATE, 8192, 0600);
    long *a = shmat(id, NULL, 0), *b = shmat(id, NULL, 0);
    a[1000] = k;
    if (b[1000] != k) _exit(60);
    shmctl(id, IPC_RMID, NULL);
    shmdt(a);
    if (b[1000] != k) _exit(61);
    shmdt(b);
    if (shmat(id, NULL, 0) != (void *)-1) _exit(62);
  }
}

static void *threads_attach(void *unused) {
  (void)unused;
  for (int k = 0; k < 100; k++) {
    void *a = shmat(shm, NULL, 0);
    if (a == (void *)-1 || shmdt(a) == -1) return (void *)1;
  }
  return NULL;
}

static void passes(int i) {
  struct { long type; long value; } m = {1, 0};
  for (int k = 0; k < ROUNDS; k++) {
    if (i & 1) {
      if (msgrcv(msg, &m, sizeof m.value, 0, 0) == -1) _exit(errno);
      __atomic_add_fetch(&words[2], m.value, __ATOMIC_SEQ_CST);
    } else {
      m.value = k;
      m.type = 1 + k % 3;
      if (msgsnd(msg, &m, sizeof m.value, 0) == -1) _exit(errno);
    }
  }
}

static void passes_posix(int i) {
  long value;
  for (int k = 0; k < ROUNDS; k++) {
    if (i & 1) {
      if (mq_receive(mq, (char *)&value, sizeof value, NULL) == -1) _exit(errno);
      __atomic_add_fetch(&words[3], value, __ATOMIC_SEQ_CST);
    } else {
      value = k;
      if (mq_send(mq, (char *)&value, sizeof value, k % 5) == -1) _exit(errno);
    }
  }
}

static void removed_under_them(int i) {
  int id = (int)words[4], q = (int)words[5];
  struct sembuf b = {0, -1, 0};
  struct { long type; char text[4]; } m;
  if (i == 0) { dt_sleep_ms(50); semctl(id, 0, IPC_RMID, 0); msgctl(q, IPC_RMID, NULL); return; }
  if (semop(id, &b, 1) != -1 || (errno != EIDRM && errno != EINVAL)) _exit(70);
  if (msgrcv(q, &m, 4, 0, 0) != -1 || (errno != EIDRM && errno != EINVAL)) _exit(71);
}

int main(void) {
  dt_start(60);
  unshare(CLONE_NEWIPC);
  shm = MUST(shmget(IPC_PRIVATE, 4096, 0600));
  sem = MUST(semget(IPC_PRIVATE, 1, 0600));
  msg = MUST(msgget(IPC_PRIVATE, 0600));
  words = shmat(shm, NULL, 0);
  struct mq_attr a = {.mq_maxmsg = 3, .mq_msgsize = sizeof(long)};
  mq = mq_open("/dt-contention", O_RDWR | O_CREAT, 0600, &a);
  mq_unlink("/dt-contention");
  struct msqid_ds d;
  MUST(msgctl(msg, IPC_STAT, &d));
  d.msg_qbytes = 100;
  MUST(msgctl(msg, IPC_SET, &d));
  change(0, 1, 0);
  all(adds);
  printf("sum %ld value %d\n", words[0], semctl(sem, 0, GETVAL, 0));
  all(dies);
  printf("turns %ld value %d\n", words[1], semctl(sem, 0, GETVAL, 0));
  all(attaches);
  pthread_t t[4];
  long bad = 0;
  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, threads_attach, NULL);
  for (int i = 0; i < 4; i++) { void *r; pthread_join(t[i], &r); bad += (long)r; }
  struct shmid_ds s;
  MUST(shmctl(shm, IPC_STAT, &s));
  printf("threads failed %ld, attached %lu\n", bad, (unsigned long)s.shm_nattch);
  all(passes);
  MUST(msgctl(msg, IPC_STAT, &d));
  printf("passed %ld left %lu\n", words[2], (unsigned long)d.msg_qnum);
  all(passes_posix);
  printf("passed %ld\n", words[3]);
  words[4] = MUST(semget(IPC_PRIVATE, 1, 0600));
  words[5] = MUST(msgget(IPC_PRIVATE, 0600));
  all(removed_under_them);
  shmctl(shm, IPC_RMID, NULL);
  semctl(sem, 0, IPC_RMID, 0);
  msgctl(msg, IPC_RMID, NULL);
  return 0;
}
