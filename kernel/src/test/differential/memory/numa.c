/* Memory policies on the one node there is. */
#include "difftest.h"

#define MPOL_DEFAULT 0
#define MPOL_PREFERRED 1
#define MPOL_BIND 2
#define MPOL_INTERLEAVE 3
#define MPOL_LOCAL 4
#define MPOL_F_NODE 1
#define MPOL_F_ADDR 2
#define MPOL_F_MEMS_ALLOWED 4
#define MPOL_F_STATIC_NODES (1 << 15)
#define MPOL_F_RELATIVE_NODES (1 << 14)

static unsigned long nodes[64];
static int mode;

static long get(void *addr, unsigned long flags) {
  memset(nodes, 0xee, sizeof nodes);
  mode = -7;
  return raw5(SYS_get_mempolicy, &mode, nodes, 4096, addr, flags);
}

static void show(const char *label, void *addr, unsigned long flags) {
  long r = get(addr, flags);
  printf("%s: %s mode %d nodes %lx\n", label, ename(r < 0 ? -r : 0), mode, r < 0 ? 0 : nodes[0]);
}

static long set(int m, unsigned long mask) { return raw3(SYS_set_mempolicy, m, &mask, 64); }

int main(void) {
  dt_start(20);
  unsigned long one = 1, two = 2, zero = 0;
  char *p = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  p[0] = 1;
  show("default", 0, 0);
  show("allowed", 0, MPOL_F_MEMS_ALLOWED);
  show("of memory", p, MPOL_F_ADDR);
  show("node of memory", p, MPOL_F_ADDR | MPOL_F_NODE);
  show("bad flags", 0, 8);
  show("address without flag", p, 0);
  show("unmapped", (void *)0x10000, MPOL_F_ADDR);
  show("allowed with address", p, MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED);
  RAW(raw5(SYS_get_mempolicy, 0, 0, 0, 0, 0));
  RAW(raw5(SYS_get_mempolicy, 8, 0, 0, 0, 0));
  RAW(set(MPOL_BIND, 1));
  show("bind", 0, 0);
  show("of memory", p, MPOL_F_ADDR);
  RAW(set(MPOL_INTERLEAVE, 1));
  show("interleave", 0, 0);
  RAW(set(MPOL_PREFERRED, 1));
  show("preferred", 0, 0);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    show("child", 0, 0);
    _exit(0);
  }
  dt_reap("child", pid);
  RAW(set(MPOL_PREFERRED, 0));
  show("preferred nowhere", 0, 0);
  RAW(set(MPOL_LOCAL, 0));
  show("local", 0, 0);
  RAW(set(MPOL_BIND, 2));
  RAW(set(MPOL_BIND, 0));
  RAW(set(MPOL_BIND, 3));
  show("bind to more", 0, 0);
  RAW(set(MPOL_DEFAULT, 1));
  RAW(set(MPOL_LOCAL, 1));
  RAW(set(99, 0));
  RAW(set(-1, 0));
  RAW(set(MPOL_BIND | MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES, 1));
  RAW(set(MPOL_BIND | MPOL_F_STATIC_NODES, 1));
  show("static", 0, 0);
  RAW(raw3(SYS_set_mempolicy, MPOL_BIND, 8, 64));
  RAW(raw3(SYS_set_mempolicy, MPOL_BIND, &one, 1 << 20));
  RAW(raw3(SYS_set_mempolicy, MPOL_DEFAULT, 0, 0));
  show("default again", 0, 0);
  RAW(raw6(SYS_mbind, (long)p, 4096, MPOL_BIND, (long)&one, 64, 0));
  show("bound", p, MPOL_F_ADDR);
  show("not bound", p + 4096, MPOL_F_ADDR);
  RAW(raw6(SYS_mbind, (long)p, 4096, MPOL_DEFAULT, 0, 0, 0));
  show("not any more", p, MPOL_F_ADDR);
  RAW(raw6(SYS_mbind, (long)p, 4096, MPOL_BIND, (long)&two, 64, 0));
  RAW(raw6(SYS_mbind, (long)p, 4096, MPOL_BIND, (long)&zero, 64, 0));
  RAW(raw6(SYS_mbind, (long)p + 1, 4096, MPOL_BIND, (long)&one, 64, 0));
  RAW(raw6(SYS_mbind, (long)p, 4096, MPOL_BIND, (long)&one, 64, 8));
  RAW(raw6(SYS_mbind, (long)p, 0, MPOL_BIND, (long)&one, 64, 0));
  RAW(raw6(SYS_mbind, 0x10000, 4096, MPOL_BIND, (long)&one, 64, 0));
  RAW(raw6(SYS_mbind, (long)p, 4096, 99, (long)&one, 64, 0));
  return 0;
}
