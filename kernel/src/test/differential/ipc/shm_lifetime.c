/* Shared memory over fork, exec, exit and removal. */
#include "../difftest.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static int id;
static volatile int *words;

static unsigned long attached(void) {
  struct shmid_ds d;
  if (shmctl(id, IPC_STAT, &d) == -1) return 999;
  return d.shm_nattch;
}

static void mode(const char *label) {
  struct shmid_ds d;
  if (shmctl(id, IPC_STAT, &d) == -1) printf("%s: %s\n", label, ename(errno));
  else printf("%s: mode %o nattch %lu key %x\n", label, d.shm_perm.mode, (unsigned long)d.shm_nattch, d.shm_perm.__key);
}

static void child_writes(void) {
  printf("child sees %d, attached %lu\n", words[0], attached());
  words[0] = 2;
  words[1023] = 3;
}

static void child_detaches(void) {
  SHOW(shmdt((void *)words));
  printf("attached %lu\n", attached());
}

static void child_execs(void) {
  execl("/bin/true", "true", (char *)NULL);
  _exit(9);
}

static void child_attaches_thrice(void) {
  for (int i = 0; i < 3; i++) shmat(id, NULL, 0);
  printf("attached %lu\n", attached());
  raise(SIGKILL);
}

static void child_attaches_removed(void) {
  int *again = shmat(id, NULL, 0);
  printf("again %s, reads %d\n", again == (void *)-1 ? ename(errno) : "ok", again == (void *)-1 ? 0 : again[0]);
}

static void other_program(void) {
  char arg[16];
  snprintf(arg, sizeof arg, "%d", id);
  execl("/proc/self/exe", "shm_lifetime", arg, (char *)NULL);
  _exit(9);
}

int main(int argc, char **argv) {
  dt_start(20);
  if (argc > 1) {
    id = atoi(argv[1]);
    printf("after exec attached %lu\n", attached());
    int *p = shmat(id, NULL, 0);
    printf("reads %d %d\n", p[0], p[1023]);
    p[0] = 77;
    return 0;
  }
  unshare(CLONE_NEWIPC); /* where that is allowed: objects of others do not disturb */
  id = MUST(shmget(0x7abc0002, 1 << 20, IPC_CREAT | IPC_EXCL | 0600));
  words = shmat(id, NULL, 0);
  words[0] = 1;
  dt_in_child("writes", child_writes);
  printf("parent sees %d %d, attached %lu\n", words[0], words[1023], attached());
  dt_in_child("detaches", child_detaches);
  printf("attached %lu\n", attached());
  dt_in_child("execs", child_execs);
  printf("attached %lu\n", attached());
  dt_in_child("thrice", child_attaches_thrice);
  printf("attached %lu\n", attached());
  dt_in_child("program", other_program);
  printf("parent sees %d, attached %lu\n", words[0], attached());
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[256], want[32];
  snprintf(want, sizeof want, " %d ", id);
  while (fgets(line, sizeof line, maps)) {
    char *name = strstr(line, "/SYSV");
    if (name) printf("%s %s%s", strstr(line, want) ? "inode is the id" : "other inode", strstr(line, " rw-s ") ? "rw-s " : "", name);
  }
  fclose(maps);
  SHOW(shmctl(id, IPC_RMID, NULL));
  mode("removed");
  OK(shmget(0x7abc0002, 0, 0));
  dt_in_child("removed", child_attaches_removed);
  SHOW(shmctl(id, IPC_RMID, NULL));
  words[5] = 6;
  printf("still there %d\n", words[5]);
  SHOW(shmdt((void *)words));
  mode("detached");
  id = MUST(shmget(IPC_PRIVATE, 4096, 0600));
  int *fresh = shmat(id, NULL, 0);
  printf("fresh %d\n", fresh[0]);
  SHOW(shmctl(id, IPC_RMID, NULL));
  munmap(fresh, 4096);
  mode("unmapped");
  return 0;
}
