/* process_vm_readv and writev to a child and to oneself, /proc/PID/mem. */
#include "difftest.h"

static char buffer[8192];
static char secret[] = "parent";

int main(void) {
  dt_start(20);
  int gate[2], ready[2];
  MUST(pipe(gate));
  MUST(pipe(ready));
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(page + 4096, 4096);
  pid_t pid = fork();
  if (pid == 0) {
    strcpy(secret, "child!");
    char c;
    write(ready[1], "r", 1);
    read(gate[0], &c, 1);
    printf("child has %s\n", secret);
    _exit(0);
  }
  char c;
  read(ready[0], &c, 1);
  struct iovec local = {buffer, sizeof secret}, remote = {secret, sizeof secret};
  SHOW(process_vm_readv(pid, &local, 1, &remote, 1, 0));
  printf("read %s\n", buffer);
  strcpy(buffer, "edited");
  SHOW(process_vm_writev(pid, &local, 1, &remote, 1, 0));
  SHOW(process_vm_readv(pid, &local, 1, &remote, 1, 1));
  SHOW(process_vm_readv(1 << 22, &local, 1, &remote, 1, 0));
  struct iovec over = {page + 4000, 200}, room = {buffer, 200};
  SHOW(process_vm_readv(pid, &room, 1, &over, 1, 0));
  struct iovec bad = {page + 4096, 10};
  SHOW(process_vm_readv(pid, &room, 1, &bad, 1, 0));
  struct iovec two[] = {{secret, 3}, {page + 4096, 5}};
  SHOW(process_vm_readv(pid, &room, 1, two, 2, 0));
  SHOW(process_vm_readv(pid, &room, 0, &remote, 1, 0));
  SHOW(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
  printf("own %s\n", buffer);
  write(gate[1], "g", 1);
  dt_reap("child", pid);
  int mem = MUST(open("/proc/self/mem", O_RDWR));
  SHOW(pread(mem, buffer, 7, (off_t)(uintptr_t)secret));
  printf("mem %s\n", buffer);
  SHOW(pwrite(mem, "MEM", 3, (off_t)(uintptr_t)secret));
  printf("now %s\n", secret);
  SHOW(pread(mem, buffer, 7, (off_t)(uintptr_t)(page + 4096)));
  return 0;
}
