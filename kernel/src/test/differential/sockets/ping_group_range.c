/* net.ipv4.ping_group_range: what may be written, and who may open an ICMP echo socket then. */
#include "difftest.h"
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define FILE "/proc/sys/net/ipv4/ping_group_range"

static void show(void) {
  char b[100];
  int f = MUST(open(FILE, O_RDONLY)), n = read(f, b, sizeof b);
  printf("  is %.*s", n, b);
  close(f);
}

static void set(const char *text) {
  int f = MUST(open(FILE, O_WRONLY));
  errno = 0;
  int n = write(f, text, strlen(text));
  printf("write '%s': %d %s\n", text, n, ename(n < 0 ? errno : 0));
  close(f);
  show();
}

static void tries(const char *who) {
  int families[] = {AF_INET, AF_INET6}, protocols[] = {IPPROTO_ICMP, IPPROTO_ICMPV6};
  printf("%s:", who);
  for (int i = 0; i < 2; i++) {
    int s = socket(families[i], SOCK_DGRAM, protocols[i]);
    printf(" %s", ename(s < 0 ? errno : 0));
    if (s >= 0) close(s);
  }
  printf("\n");
}

static void as(const char *who, int gid, int other) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    gid_t g = other;
    setgroups(other >= 0, &g);
    setresgid(gid, gid, gid);
    setresuid(1000, 1000, 1000);
    tries(who);
    fflush(stdout);
    _exit(0);
  }
  waitpid(p, NULL, 0);
}

int main(void) {
  /* Of a network of its own, which a sandbox is. */
  unshare(CLONE_NEWNET);
  set("1 0"); /* as it is at first; in a sandbox another program may have been here before */
  tries("root");
  set("0 100");
  tries("root");
  as("group 100", 100, -1);
  as("group 101", 101, -1);
  as("group 101 and 50", 101, 50);
  set("5 4");
  set("200");
  set("100 200");
  set("150");
  set("-1 5");
  set("a b");
  set("0 2147483647");
  as("any", 4711, -1);
  set("0 2147483648");
  tries("root");
  set("1 0");
  tries("root");
  return 0;
}
