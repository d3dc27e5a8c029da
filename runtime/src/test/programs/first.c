/* Static program of FirstProgramTest: files, memory, fork with copy-on-write, wait, a signal handler. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *text) { write(1, text, strlen(text)); }

static char *fault_at;
static void on_fault(int signo, siginfo_t *info, void *context) {
  (void)context;
  say(signo == SIGSEGV && info->si_addr == fault_at ? "fault handled\n" : "wrong fault\n");
  mprotect(fault_at, 4096, PROT_READ | PROT_WRITE);
}

int main(int argc, char **argv, char **envp) {
  char line[200];
  snprintf(line, sizeof line, "argc %d argv1 %s env0 %s\n", argc, argv[1], envp[0]);
  say(line);

  char *page = mmap(0, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 8 << 20; i += 4096) page[i] = (char)(i >> 12);
  long sum = 0;
  for (int i = 0; i < 8 << 20; i += 4096) sum += (unsigned char)page[i];
  snprintf(line, sizeof line, "sum %ld\n", sum);
  say(line);

  page[0] = 'p';
  int pid = fork();
  if (pid == 0) {
    page[0] = 'c';
    snprintf(line, sizeof line, "child %c\n", page[0]);
    say(line);
    _exit(42);
  }
  int status = 0;
  int reaped = waitpid(pid, &status, 0) == pid;
  snprintf(line, sizeof line, "parent %c reaped %d status %x\n", page[0], reaped, status);
  say(line);

  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, 0);
  fault_at = page + 4096;
  mprotect(fault_at, 4096, PROT_READ);
  fault_at[0] = 1;
  say(fault_at[0] == 1 ? "write done\n" : "write lost\n");

  int fd = open("/tmp-file", O_CREAT | O_RDWR, 0600);
  write(fd, "0123456789", 10);
  lseek(fd, 3, SEEK_SET);
  char back[4] = {0};
  long n = read(fd, back, 3);
  snprintf(line, sizeof line, "read %ld %s bad %ld\n", n, back, (long)write(1, (void *)0xffff800000000000, 1));
  say(line);

  signal(SIGSEGV, SIG_DFL);
  pid = fork();
  if (pid == 0) {
    *(volatile int *)8 = 1;
    _exit(0);
  }
  waitpid(pid, &status, 0);
  snprintf(line, sizeof line, "killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : -1);
  say(line);
  if (argc < 3) {
    execv("/first", (char *[]){"/first", "again", "end", 0});
    say("exec failed\n");
  }
  return 7;
}
