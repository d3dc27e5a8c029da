// Maps a file that somebody else changes meanwhile: map-file FILE READY GO. Makes READY when it has looked at the file, waits
// for GO, and looks again once it has opened the file anew; then it stores a byte and lets the mapping go.
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int fd = open(argv[1], O_RDWR);
  volatile char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (m == MAP_FAILED) return 1;
  printf("%c%c\n", m[0], m[4096]);
  fflush(stdout);
  close(open(argv[2], O_CREAT | O_WRONLY, 0644));
  while (access(argv[3], F_OK)) usleep(100000);
  int again = open(argv[1], O_RDONLY);
  char direct[2];
  pread(again, direct, 2, 4096);
  printf("%c%c %c\n", m[0], m[4096], direct[0]);
  m[2] = 'T';
  msync((void *)m, 8192, MS_SYNC);
  munmap((void *)m, 8192);
  return 0;
}
