/* Arguments and environments up to and beyond MAX_ARG_STRLEN and the total. */
#include "difftest.h"

static void try(const char *label, size_t each, int count, int in_environment) {
  char *s = malloc(each + 1);
  memset(s, 'a', each);
  s[each] = 0;
  char **v = calloc(count + 3, sizeof *v);
  v[0] = "/bin/true";
  for (int i = 0; i < count; i++) v[i + 1] = s;
  char *plain[] = {"/bin/true", NULL}, *none[] = {NULL};
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    execve("/bin/true", in_environment ? plain : v, in_environment ? v + 1 : none);
    printf("%s: %s\n", label, ename(errno));
    fflush(stdout);
    _exit(70);
  }
  dt_reap(label, pid);
  free(s);
  free(v);
}

int main(void) {
  dt_start(40);
  struct rlimit l = {8 << 20, 8 << 20};
  MUST(setrlimit(RLIMIT_STACK, &l));
  try("one of 128 KiB less one", 131071, 1, 0);
  try("one of 128 KiB", 131072, 1, 0);
  try("one of 1 MiB", 1 << 20, 1, 0);
  try("one of 1 MiB in the environment", 1 << 20, 1, 1);
  try("15 of 100 kB", 100000, 15, 0);
  try("30 of 100 kB", 100000, 30, 0);
  try("15 of 100 kB in the environment", 100000, 15, 1);
  try("100,000 short ones", 3, 100000, 0);
  try("300,000 short ones", 3, 300000, 0);
  try("empty ones", 0, 1000, 0);
  return 0;
}
