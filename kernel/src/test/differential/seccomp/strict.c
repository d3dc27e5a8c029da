/* Strict mode, prctl, and what seccomp refuses. */
#include "difftest.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
static struct sock_filter allow[] = {RETURN(SECCOMP_RET_ALLOW)};
static struct sock_fprog good = {1, allow};

static long seccomp(unsigned op, unsigned flags, void *args) { return raw3(SYS_seccomp, op, flags, args); }

static long try(struct sock_filter *f, int n) {
  struct sock_fprog p = {n, f};
  return seccomp(SECCOMP_SET_MODE_FILTER, 0, &p);
}
#define TRY(...) ({ struct sock_filter f_[] = {__VA_ARGS__}; try(f_, sizeof f_ / sizeof *f_); })

static void strict(void) {
  RAW(seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL));
  write(1, "written\n", 8);
  raw1(SYS_exit, 5);
}

static void strict_by_prctl(void) {
  fflush(stdout);
  raw2(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
  write(1, "written\n", 8);
  raw0(SYS_getpid);
  write(1, "still here\n", 11);
}

static void strict_group(void) {
  fflush(stdout);
  raw2(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
  raw1(SYS_exit_group, 5);
}

static void user(void) {
  MUST(setresuid(1000, 1000, 1000));
  RAW(seccomp(SECCOMP_SET_MODE_FILTER, 0, &good));
  RAW(TRY(BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), RETURN(0)));
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  RAW(seccomp(SECCOMP_SET_MODE_FILTER, 0, &good));
  RAW(prctl(PR_GET_SECCOMP));
  RAW(seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL));
  SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
  SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &good));
}

static void many(void) {
  static struct sock_filter f[4096];
  for (int i = 0; i < 4096; i++) f[i] = allow[0];
  int n = 0;
  long r = 0;
  while (n < 20 && (r = try(f, 4096)) == 0) n++;
  printf("%d filters, then %s\n", n, ename(-r));
}

int main(void) {
  dt_start(30);
  SHOW(prctl(PR_GET_SECCOMP));
  RAW(seccomp(99, 0, NULL));
  RAW(seccomp(-1, 0, NULL));
  RAW(seccomp(SECCOMP_SET_MODE_STRICT, 1, NULL));
  RAW(seccomp(SECCOMP_SET_MODE_STRICT, 0, &good));
  RAW(seccomp(SECCOMP_SET_MODE_FILTER, 1 << 20, &good));
  RAW(seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL));
  RAW(seccomp(SECCOMP_SET_MODE_FILTER, 0, (void *)8));
  RAW(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER, &good));
  RAW(try(allow, 0));
  RAW(try(allow, 4097));
  RAW(try((void *)8, 1));
  RAW(try(NULL, 1));
  RAW(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)));
  RAW(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, -4), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_ST, 16), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_LD | BPF_MEM, 0), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_JMP | BPF_JA, 1), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_JMP | BPF_JA, -1), RETURN(0)));
  RAW(TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RETURN(0)));
  RAW(TRY(BPF_STMT(0xff, 0), RETURN(0)));
  RAW(TRY(BPF_STMT(0x1234, 0), RETURN(0)));
  RAW(TRY(BPF_STMT(BPF_RET | BPF_X, 0)));
  /* A word that only one of two ways has written. */
  RAW(TRY(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), BPF_STMT(BPF_ST, 1), BPF_STMT(BPF_LD | BPF_MEM, 1), RETURN(SECCOMP_RET_ALLOW)));
  SHOW(prctl(PR_GET_SECCOMP));
  SHOW(prctl(PR_SET_SECCOMP, 0));
  SHOW(prctl(PR_SET_SECCOMP, 3));
  SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0));
  uint32_t actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_TRACE,
    SECCOMP_RET_LOG, SECCOMP_RET_ALLOW, 0x00010000, 0x7ffc0001};
  for (unsigned i = 0; i < sizeof actions / 4; i++) RAW(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
  RAW(seccomp(SECCOMP_GET_ACTION_AVAIL, 1, &actions[0]));
  RAW(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, NULL));
  struct seccomp_notif_sizes sizes;
  RAW(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
  RAW(seccomp(SECCOMP_GET_NOTIF_SIZES, 1, &sizes));
  RAW(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, NULL));
  printf("%d %d %d\n", sizes.seccomp_notif, sizes.seccomp_notif_resp, sizes.seccomp_data);
  dt_in_child("strict", strict);
  dt_in_child("strict by prctl", strict_by_prctl);
  dt_in_child("strict exit_group", strict_group);
  dt_in_child("user", user);
  dt_in_child("many", many);
  return 0;
}
