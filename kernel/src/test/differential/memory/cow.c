/* Copy-on-write after fork in both directions, through syscalls too, over three generations, and for file pages. */
#include "difftest.h"

enum { PAGES = 32 };
static char data[PAGES][4096] __attribute__((aligned(4096)));
static char bss_after[4096];

static int go[2], done[2];
static void step(void) { char c; read(go[0], &c, 1); }
static void told(void) { write(done[1], "d", 1); }
static void tell(void) { char c; write(go[1], "g", 1); read(done[0], &c, 1); }

static bool all(int value) {
  for (int i = 0; i < PAGES; i++)
    if (!dt_all(data[i], value, 4096)) return false;
  return true;
}

static int generation(int depth) {
  for (int i = 0; i < PAGES; i++) data[i][0] = (char)depth;
  if (depth == 3) return 0;
  pid_t pid = fork();
  if (pid == 0) _exit(generation(depth + 1));
  int status;
  waitpid(pid, &status, 0);
  int wrong = WEXITSTATUS(status);
  for (int i = 0; i < PAGES; i++) wrong += data[i][0] != depth;
  return wrong;
}

int main(void) {
  dt_start(20);
  MUST(pipe(go));
  MUST(pipe(done));
  memset(data, 'p', sizeof data);
  pid_t pid = fork();
  if (pid == 0) {
    step();
    bool first = all('p');
    told();
    step();
    memset(data[1], 'c', 4096);
    told();
    step();
    bool second = data[0][0] == 'p' && dt_all(data[1], 'c', 4096) && data[2][0] == 'p';
    _exit(first * 2 + second);
  }
  memset(data[0], 'P', 4096);
  tell();
  tell();
  IS(dt_all(data[0], 'P', 4096) && dt_all(data[1], 'p', 4096));
  memset(data[2], 'P', 4096);
  write(go[1], "g", 1);
  dt_reap("child", pid);
  IS(dt_all(data[2], 'P', 4096) && dt_all(data[3], 'p', 4096));

  memset(data, 'k', sizeof data);
  pid = fork();
  if (pid == 0) {
    int zero = open("/dev/zero", O_RDONLY);
    read(zero, data, 3 * 4096);
    struct stat st;
    fstat(zero, (struct stat *)(void *)data[5]);
    (void)st;
    _exit(dt_all(data[0], 0, 3 * 4096) && data[3][0] == 'k' ? 1 : 2);
  }
  dt_reap("kernel writes into the child's copy", pid);
  IS(all('k'));
  pid = fork();
  if (pid == 0) {
    step();
    _exit(all('k') ? 1 : 2);
  }
  int zero = open("/dev/zero", O_RDONLY);
  read(zero, data, sizeof data);
  write(go[1], "g", 1);
  dt_reap("kernel writes into the parent's copy", pid);
  IS(all(0));
  printf("generations wrong %d\n", generation(1));

  pid = fork();
  if (pid == 0) {
    if (fork() == 0) {
      step();
      _exit(0);
    }
    _exit(0);
  }
  dt_reap("middle", pid);
  memset(data, 'x', sizeof data);
  IS(all('x'));
  write(go[1], "g", 1);

  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
  memset(bss_after, 'f', 4096);
  MUST(write(fd, bss_after, 4096));
  char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  pid = fork();
  if (pid == 0) {
    map[0] = 'c';
    _exit(map[1] == 'f' ? 0 : 1);
  }
  dt_reap("private file map", pid);
  printf("parent sees %c\n", map[0]);
  map[0] = 'p';
  char c;
  pread(fd, &c, 1, 0);
  printf("file has %c\n", c);
  return 0;
}
