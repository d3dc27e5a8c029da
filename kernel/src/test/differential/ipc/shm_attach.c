/* shmget, shmat, shmdt, shmctl: errors, flags, placement, and how many attachments are counted. */
#include "../difftest.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static int id;

static void stat_line(const char *label) {
  struct shmid_ds d;
  if (shmctl(id, IPC_STAT, &d) == -1) { printf("%s: %s\n", label, ename(errno)); return; }
  printf("%s: size %zu mode %o nattch %lu cpid %s lpid %s atime %s dtime %s ctime %s\n", label, d.shm_segsz,
    d.shm_perm.mode, (unsigned long)d.shm_nattch, d.shm_cpid == getpid() ? "me" : "other",
    d.shm_lpid == 0 ? "0" : d.shm_lpid == getpid() ? "me" : "other", d.shm_atime ? "set" : "0",
    d.shm_dtime ? "set" : "0", d.shm_ctime ? "set" : "0");
}

static void errors(void) {
  SHOW(shmget(IPC_PRIVATE, 0, 0600));
  SHOW(shmget(0x7abc0001, 4096, 0));
  OK(shmget(0x7abc0001, 4096, IPC_CREAT | 0600));
  SHOW(shmget(0x7abc0001, 4096, IPC_CREAT | IPC_EXCL | 0600));
  SHOW(shmget(0x7abc0001, 4097, 0));
  OK(shmget(0x7abc0001, 10, 0));
  OK(shmget(0x7abc0001, 0, 0));
  int k = MUST(shmget(0x7abc0001, 0, 0));
  SHOW(shmctl(k, IPC_RMID, NULL));
  SHOW(shmctl(k, IPC_RMID, NULL));
  SHOW(shmctl(k, IPC_STAT, NULL));
  SHOW(shmctl(-1, IPC_STAT, NULL));
  SHOW(shmctl(id, -1, NULL));
  SHOW(shmctl(id, 99, NULL));
  SHOW(shmctl(id, IPC_STAT, (void *)8));
  SHOW(shmctl(id, IPC_SET, (void *)8));
  SHOW((long)shmat(-1, NULL, 0));
  SHOW((long)shmat(id, (void *)0x1001, 0));
  SHOW((long)shmat(id, NULL, SHM_REMAP));
  SHOW((long)shmat(id, (void *)0x10, SHM_REMAP | SHM_RND));
  SHOW(shmdt(NULL));
  SHOW(shmdt((void *)0x1001));
  SHOW(shmdt((void *)&id));
  SHOW(shmget(IPC_PRIVATE, 4096, SHM_HUGETLB | (5 << 26) | 0600));
}

static void placement(void) {
  char *at = shmat(id, NULL, 0);
  IS(at != MAP_FAILED);
  strcpy(at, "written");
  char *ro = shmat(id, NULL, SHM_RDONLY);
  IS_AS("read only sees it", !strcmp(ro, "written"));
  SHOW(mprotect(ro, 4096, PROT_READ | PROT_WRITE));
  dt_catch_faults();
  if (!sigsetjmp(dt_fault_env, 1)) { ro[0] = 1; puts("wrote"); } else puts(dt_fault_text());
  stat_line("two attached");
  SHOW((long)shmat(id, at, 0));
  SHOW((long)shmat(id, at + 4096, 0));
  char *again = shmat(id, at, SHM_REMAP);
  IS(again == at);
  stat_line("replaced");
  char *rounded = shmat(id, at + 100, SHM_REMAP | SHM_RND);
  IS(rounded == at);
  SHOW(shmdt(at + 4096));
  SHOW(shmdt(ro));
  SHOW(shmdt(ro));
  stat_line("one left");
  SHOW(munmap(at + 4096, 4096));
  stat_line("hole in the middle");
  SHOW(mprotect(at, 4096, PROT_READ));
  SHOW(shmdt(at));
  stat_line("none");
  char *x = shmat(id, NULL, SHM_EXEC);
  IS(x != MAP_FAILED);
  SHOW(shmdt(x));
  char *half = shmat(id, NULL, 0);
  SHOW(munmap(half, 4096));
  SHOW(shmdt(half));
  stat_line("rest of a half");
  if (!sigsetjmp(dt_fault_env, 1)) printf("%d\n", half[8192]); else puts(dt_fault_text());
  half = shmat(id, NULL, 0);
  SHOW(munmap(half + 8192, 4096));
  SHOW(shmdt(half));
  char *moved = shmat(id, NULL, 0);
  char *to = mremap(moved, 12288, 12288, MREMAP_MAYMOVE | MREMAP_FIXED, moved - (1 << 24));
  IS_AS("moved", to == moved - (1 << 24) && !strcmp(to, "written"));
  stat_line("moved");
  SHOW(shmdt(moved));
  SHOW(shmdt(to));
  stat_line("moved away");
}

static void changes(void) {
  struct shmid_ds d;
  MUST(shmctl(id, IPC_STAT, &d));
  d.shm_perm.mode = 07640;
  d.shm_perm.uid = 12;
  d.shm_perm.gid = 34;
  SHOW(shmctl(id, IPC_SET, &d));
  MUST(shmctl(id, IPC_STAT, &d));
  printf("uid %d gid %d cuid %d cgid %d mode %o key %d\n", d.shm_perm.uid, d.shm_perm.gid, d.shm_perm.cuid,
    d.shm_perm.cgid, d.shm_perm.mode, d.shm_perm.__key);
  SHOW(shmctl(id, SHM_LOCK, NULL));
  stat_line("locked");
  SHOW(shmctl(id, SHM_UNLOCK, NULL));
  stat_line("unlocked");
  struct shminfo info;
  IS(shmctl(0, IPC_INFO, (struct shmid_ds *)&info) >= 0);
  printf("max %lu min %lu mni %lu seg %lu all %lu\n", info.shmmax, info.shmmin, info.shmmni, info.shmseg, info.shmall);
  struct shm_info use;
  IS(shmctl(0, SHM_INFO, (struct shmid_ds *)&use) >= 0);
  IS(use.used_ids >= 1 && use.shm_tot >= 3);
  IS(shmctl(id & 32767, SHM_STAT, &d) == id);
  IS(shmctl(id & 32767, SHM_STAT_ANY, &d) == id);
}

int main(void) {
  dt_start(20);
  unshare(CLONE_NEWIPC); /* where that is allowed: objects of others do not disturb */
  id = MUST(shmget(IPC_PRIVATE, 3 * 4096 - 5, IPC_CREAT | 0640));
  stat_line("new");
  errors();
  placement();
  changes();
  SHOW(shmctl(id, IPC_RMID, NULL));
  stat_line("removed");
  return 0;
}
