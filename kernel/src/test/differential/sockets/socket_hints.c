/* Options that are wishes: SO_BUSY_POLL, SO_INCOMING_CPU, SO_INCOMING_NAPI_ID. */
#include "../difftest.h"
#include <sys/socket.h>

static void set(int s, int option, int value) {
  errno = 0;
  int r = setsockopt(s, SOL_SOCKET, option, &value, sizeof value);
  printf("set %d to %d: %d %s\n", option, value, r, ename(r ? errno : 0));
}

static void get(int s, int option) {
  int v = 77;
  socklen_t n = sizeof v;
  errno = 0;
  int r = getsockopt(s, SOL_SOCKET, option, &v, &n);
  printf("get %d: %d %s, %d\n", option, r, ename(r ? errno : 0), v);
}

static void all(void) {
  int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  get(s, SO_BUSY_POLL);
  set(s, SO_BUSY_POLL, 50);
  set(s, SO_BUSY_POLL, -1);
  get(s, SO_BUSY_POLL);
  set(s, SO_BUSY_POLL, 20);
  get(s, SO_INCOMING_CPU);
  set(s, SO_INCOMING_CPU, 0);
  get(s, SO_INCOMING_CPU);
  get(s, SO_INCOMING_NAPI_ID);
  set(s, SO_INCOMING_NAPI_ID, 1);
  close(s);
}

static void unprivileged(void) {
  MUST(setresuid(1000, 1000, 1000));
  all();
}

int main(void) {
  dt_start(30);
  all();
  dt_in_child("unprivileged", unprivileged);
}
