/* personality: query, change, inheritance over fork and exec, what it does to uname and to the placement of memory. */
#include "difftest.h"
#include <sys/personality.h>
#include <sys/utsname.h>

static void *thread(void *arg) {
  (void)arg;
  printf("thread %#x\n", personality(0xffffffff));
  personality(ADDR_NO_RANDOMIZE);
  return NULL;
}

int main(int argc, char **argv) {
  dt_start(20);
  struct utsname u;
  if (argc > 1) {
    int local;
    printf("%s %#x\n", argv[1], personality(0xffffffff));
    uname(&u);
    printf("%s %s\n", u.machine, strncmp(u.release, "2.6.", 4) == 0 ? "2.6" : "newer");
    if (argc > 2) dt_write_file(argv[2], (char[]){(uintptr_t)&local >> 12, (uintptr_t)&local >> 20, (uintptr_t)&local >> 28, 1, 0}, 0600);
    return 0;
  }
  printf("%#x\n", personality(0xffffffff));
  SHOW(personality(PER_LINUX32));
  uname(&u);
  printf("%s\n", u.machine);
  SHOW(personality(PER_LINUX | ADDR_NO_RANDOMIZE));
  uname(&u);
  printf("%s\n", u.machine);
  pthread_t t;
  pthread_create(&t, NULL, thread, NULL);
  pthread_join(t, NULL);
  personality(UNAME26);
  printf("%#x\n", personality(0xffffffff));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    execl(argv[0], argv[0], "execed", NULL);
    _exit(1);
  }
  dt_reap("child", pid);
  personality(ADDR_NO_RANDOMIZE | 0x0f00000000UL);
  for (int i = 0; i < 2; i++) {
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
      execl(argv[0], argv[0], "fixed", i ? "two" : "one", NULL);
      _exit(1);
    }
    dt_reap("child", pid);
  }
  char a[8] = "", b[8] = "";
  int fd = open("one", O_RDONLY), n = read(fd, a, 8);
  fd = open("two", O_RDONLY);
  IS(n == read(fd, b, 8) && memcmp(a, b, 8) == 0);
  personality(READ_IMPLIES_EXEC);
  char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  p[0] = (char)0xc3;
  ((void (*)(void))p)();
  printf("executed\n");
  return 0;
}
