/* Filters and threads: each has its own, new threads inherit, TSYNC brings all to one. */
#include "difftest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static long install(unsigned nr, unsigned answer, unsigned flags) {
  struct sock_filter f[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, answer), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog p = {4, f};
  return raw3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}

static atomic_int step;
static pid_t diverged;

static void *other(void *arg) {
  (void)arg;
  diverged = gettid();
  dt_await(&step, 1);
  RAW_AS("other before", raw0(SYS_getuid) == 0);
  RAW_AS("other's nnp", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  atomic_store(&step, 2);
  dt_await(&step, 3);
  RAW_AS("other after TSYNC", raw0(SYS_getuid));
  RAW_AS("other after TSYNC", raw0(SYS_getgid));
  RAW_AS("other's nnp", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  RAW_AS("other's own", install(SYS_getegid, SECCOMP_RET_ERRNO | ECHRNG, 0));
  atomic_store(&step, 4);
  dt_await(&step, 5);
  RAW_AS("other at last", raw0(SYS_getegid));
  RAW_AS("other at last", raw0(SYS_geteuid));
  return NULL;
}

static void *child(void *arg) {
  (void)arg;
  RAW_AS("new thread", raw0(SYS_getuid));
  return NULL;
}

int main(void) {
  dt_start(20);
  pthread_t t, c;
  pthread_create(&t, NULL, other, NULL);
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  RAW(install(SYS_getuid, SECCOMP_RET_ERRNO | EBADR, 0));
  RAW_AS("main", raw0(SYS_getuid));
  atomic_store(&step, 1);
  dt_await(&step, 2);
  pthread_create(&c, NULL, child, NULL);
  pthread_join(c, NULL);
  RAW(install(SYS_getgid, SECCOMP_RET_ERRNO | EBADE, SECCOMP_FILTER_FLAG_TSYNC));
  atomic_store(&step, 3);
  dt_await(&step, 4);
  long r = install(SYS_geteuid, SECCOMP_RET_ERRNO | EBADSLT, SECCOMP_FILTER_FLAG_TSYNC);
  IS_AS("the thread that differs", r == diverged);
  RAW(install(SYS_geteuid, SECCOMP_RET_ERRNO | EBADSLT, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH));
  RAW_AS("nothing changed", raw0(SYS_geteuid) == 0);
  atomic_store(&step, 5);
  pthread_join(t, NULL);
  RAW(install(SYS_geteuid, SECCOMP_RET_ERRNO | EBADSLT, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW));
  RAW_AS("alone", raw0(SYS_geteuid));
  return 0;
}
