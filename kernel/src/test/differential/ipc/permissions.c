/* Who may use and change IPC objects: owner, group, others, capabilities. */
#include "../difftest.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun { int val; struct semid_ds *buf; };
static int shm, sem, msg;
static const union semun none;

static void tries(void) {
  struct shmid_ds d;
  struct semid_ds s;
  struct sembuf zero = {0, 0, IPC_NOWAIT}, add = {0, 1, IPC_NOWAIT};
  struct { long type; char text[8]; } m = {1, "x"};
  SHOW(shmget(0x7abc0005, 0, 0400) == shm ? 0 : -1);
  SHOW(shmget(0x7abc0005, 0, 0600) == shm ? 0 : -1);
  SHOW(shmget(0x7abc0005, 0, 0) == shm ? 0 : -1);
  OK((long)shmat(shm, NULL, SHM_RDONLY));
  OK((long)shmat(shm, NULL, 0));
  OK((long)shmat(shm, NULL, SHM_RDONLY | SHM_EXEC));
  SHOW(shmctl(shm, IPC_STAT, &d));
  OK(shmctl(shm & 32767, SHM_STAT, &d));
  OK(shmctl(shm & 32767, SHM_STAT_ANY, &d));
  SHOW(semctl(sem, 0, GETVAL, none));
  SHOW(semctl(sem, 0, SETVAL, none));
  SHOW(semctl(sem, 0, IPC_STAT, (union semun){.buf = &s}));
  SHOW(semop(sem, &zero, 1));
  SHOW(semop(sem, &add, 1));
  semctl(sem, 0, SETVAL, none);
  SHOW(msgsnd(msg, &m, 1, IPC_NOWAIT));
  SHOW(msgrcv(msg, &m, 1, 0, IPC_NOWAIT));
  if (shmctl(shm, IPC_STAT, &d) == 0) SHOW(shmctl(shm, IPC_SET, &d));
  SHOW(shmctl(shm, SHM_LOCK, NULL));
  SHOW(shmctl(shm, SHM_UNLOCK, NULL));
  SHOW(semctl(sem, 0, IPC_RMID, none) == 0 ? (sem = -1) : errno == EPERM ? -2 : -3);
  SHOW(msgctl(msg, IPC_RMID, NULL) == 0 ? (msg = -1) : errno == EPERM ? -2 : -3);
  SHOW(shmctl(shm, IPC_RMID, NULL) == 0 ? (shm = -1) : errno == EPERM ? -2 : -3);
}

static int uid, gid;
static void as_other(void) {
  MUST(setresgid(gid, gid, gid));
  MUST(setresuid(uid, uid, uid));
  tries();
}

static void make(int mode) {
  shm = MUST(shmget(0x7abc0005, 4096, IPC_CREAT | IPC_EXCL | mode));
  sem = MUST(semget(IPC_PRIVATE, 1, mode));
  msg = MUST(msgget(IPC_PRIVATE, mode));
  struct shmid_ds d; struct semid_ds s; struct msqid_ds q;
  MUST(shmctl(shm, IPC_STAT, &d)); MUST(semctl(sem, 0, IPC_STAT, (union semun){.buf = &s})); MUST(msgctl(msg, IPC_STAT, &q));
  d.shm_perm.uid = s.sem_perm.uid = q.msg_perm.uid = 1001;
  d.shm_perm.gid = s.sem_perm.gid = q.msg_perm.gid = 1002;
  MUST(shmctl(shm, IPC_SET, &d)); MUST(semctl(sem, 0, IPC_SET, (union semun){.buf = &s})); MUST(msgctl(msg, IPC_SET, &q));
}

static void clean(void) {
  shmctl(shm, IPC_RMID, NULL); semctl(sem, 0, IPC_RMID, none); msgctl(msg, IPC_RMID, NULL);
}

int main(void) {
  dt_start(30);
  unshare(CLONE_NEWIPC); /* where that is allowed: objects of others do not disturb */
  int modes[] = {0600, 0640, 0604, 0642, 0444, 0000, 0755};
  struct { const char *label; int uid, gid; } who[] = {{"owner", 1001, 7}, {"group", 8, 1002}, {"other", 8, 9}, {"root", 0, 0}};
  for (unsigned m = 0; m < sizeof modes / sizeof *modes; m++)
    for (unsigned w = 0; w < 4; w++) {
      printf("-- %o %s\n", modes[m], who[w].label);
      make(modes[m]);
      uid = who[w].uid; gid = who[w].gid;
      dt_in_child(who[w].label, as_other);
      clean();
    }
  return 0;
}
