/* The program itself dies by a signal; what it printed before must still arrive. */
#include "difftest.h"

int main(void) {
  dt_start(20);
  printf("before\n");
  fprintf(stderr, "on stderr\n");
  fflush(stdout);
  raise(SIGTERM);
  printf("after\n");
  return 0;
}
