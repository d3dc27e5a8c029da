/* Two processes and two pipes: one byte goes there and back. lmbench's lat_pipe measures the same. */
#include "turns.h"
#include <unistd.h>

static int to_child[2], to_parent[2];

static void turn(long count) {
  char byte = 1;
  for (long i = 0; i < count; i++)
    if (write(to_child[1], &byte, 1) != 1 || read(to_parent[0], &byte, 1) != 1) exit(1);
}

int main(void) {
  if (pipe(to_child) != 0 || pipe(to_parent) != 0) return 1;
  if (fork() == 0) {
    char byte;
    close(to_child[1]);
    while (read(to_child[0], &byte, 1) == 1)
      if (write(to_parent[1], &byte, 1) != 1) _exit(1);
    _exit(0);
  }
  return take_turns(turn);
}
