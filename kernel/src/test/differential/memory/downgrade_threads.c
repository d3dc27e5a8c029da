/* munmap, mprotect and remapping are seen at once by other threads that had touched the page. */
#include "difftest.h"

static char *page;
static atomic_int turn, done;
static atomic_int outcome; /* 0 fine, else the fault's signal */
static __thread sigjmp_buf env;
static volatile int value;

static void on(int sig, siginfo_t *info, void *context) {
  (void)context;
  atomic_store(&outcome, sig * 100 + info->si_code);
  siglongjmp(env, 1);
}

static void *body(void *arg) {
  bool writes = arg != NULL;
  static volatile int expected;
  for (expected = 1;; expected++) {
    while (atomic_load(&turn) < expected) sched_yield();
    if (atomic_load(&turn) == 1000) return NULL;
    atomic_store(&outcome, 0);
    if (sigsetjmp(env, 1) == 0) {
      if (writes) *(volatile char *)page = 'w';
      else value = *(volatile char *)page;
    }
    atomic_store(&done, expected);
  }
}

static void ask(const char *label) {
  int t = atomic_load(&turn) + 1;
  atomic_store(&turn, t);
  while (atomic_load(&done) < t) sched_yield();
  int o = atomic_load(&outcome);
  printf("%s: %s\n", label, o == 0 ? "fine" : o == SIGSEGV * 100 + SEGV_MAPERR ? "MAPERR"
    : o == SIGSEGV * 100 + SEGV_ACCERR ? "ACCERR" : o / 100 == SIGBUS ? "SIGBUS" : "other");
}

static void round_of(bool writes) {
  pthread_t t;
  atomic_store(&turn, 0);
  atomic_store(&done, 0);
  page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page[0] = 'a';
  pthread_create(&t, NULL, body, writes ? (void *)1 : NULL);
  ask("mapped");
  mprotect(page, 4096, PROT_READ);
  ask("read-only");
  mprotect(page, 4096, PROT_NONE);
  ask("none");
  mprotect(page, 4096, PROT_READ | PROT_WRITE);
  ask("read-write again");
  madvise(page, 4096, MADV_DONTNEED);
  ask("dropped");
  printf("value %d\n", writes ? page[0] : value);
  munmap(page, 4096);
  ask("unmapped");
  mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  ask("mapped anew");
  page[0] = 'n';
  int fd = open("file", O_CREAT | O_RDWR | O_TRUNC, 0600);
  write(fd, "file contents", 13);
  mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
  ask("file over it");
  printf("value %c\n", writes ? page[0] : value);
  ftruncate(fd, 0);
  ask("file truncated");
  pid_t pid;
  mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  page[0] = '1';
  ask("before fork");
  int gate[2];
  pipe(gate);
  pid = fork();
  if (pid == 0) {
    char c;
    read(gate[0], &c, 1);
    _exit(*page == (writes ? 'w' : '1') ? 0 : 1);
  }
  page[1] = '2';
  ask("after fork");
  page[0] = '3';
  write(gate[1], "g", 1);
  dt_reap("child saw the old page", pid);
  atomic_store(&turn, 1000);
  pthread_join(t, NULL);
}

int main(void) {
  dt_start(30);
  struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &sa, NULL);
  sigaction(SIGBUS, &sa, NULL);
  printf("reader\n");
  round_of(false);
  printf("writer\n");
  round_of(true);
  return 0;
}
