/* memfd_create: names, seals and what each one refuses, maps, sharing over fork. */
#include "difftest.h"

int main(void) {
  dt_start(20);
  char name[300];
  memset(name, 'm', sizeof name);
  name[249] = 0;
  OK(memfd_create(name, 0));
  name[249] = 'm';
  name[250] = 0;
  OK(memfd_create(name, 0));
  OK(memfd_create("", 0));
  OK(memfd_create("x", 0x100));
  int plain = MUST(memfd_create("plain", 0)), fd = MUST(memfd_create("seal", MFD_ALLOW_SEALING));
  SHOW(fcntl(plain, F_GET_SEALS));
  SHOW(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(fcntl(fd, F_GET_SEALS));
  SHOW(write(fd, "contents", 8));
  struct stat st;
  fstat(fd, &st);
  printf("mode %o size %ld links %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(pwrite(fd, "xx", 2, 7));
  SHOW(pwrite(fd, "x", 1, 7));
  SHOW(ftruncate(fd, 100));
  SHOW(ftruncate(fd, 8));
  SHOW(fallocate(fd, 0, 0, 100));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  SHOW(ftruncate(fd, 4));
  char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  IS(map != MAP_FAILED);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  munmap(map, 4096);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(write(fd, "x", 1));
  OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
  char *ro = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  IS(ro != MAP_FAILED && memcmp(ro, "content", 7) == 0);
  SHOW(mprotect(ro, 4096, PROT_READ | PROT_WRITE));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  printf("seals %#x\n", fcntl(fd, F_GET_SEALS));
  SHOW(fcntl(plain, F_ADD_SEALS, 0x1000));
  int reg = MUST(open("file", O_CREAT | O_RDWR, 0600));
  int in_pipe[2];
  MUST(pipe(in_pipe));
  SHOW(fcntl(in_pipe[0], F_GET_SEALS));
  close(reg);
  MUST(ftruncate(plain, 8192));
  char *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, plain, 0);
  char *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, plain, 4096);
  a[4096] = 'q';
  printf("two maps %c\n", b[0]);
  pid_t pid = fork();
  if (pid == 0) {
    b[1] = 'r';
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  char c;
  SHOW(pread(plain, &c, 1, 4097));
  printf("child wrote %c\n", c);
  return 0;
}
