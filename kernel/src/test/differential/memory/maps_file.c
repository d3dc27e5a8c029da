/* /proc/self/maps and smaps agree with what was mapped; heap and stack are named; merging of neighbours. */
#include "difftest.h"

static int count_lines(char *from, char *to, char *perms, char *name) {
  FILE *f = fopen("/proc/self/maps", "r");
  if (!f) return -1;
  char line[512];
  int n = 0;
  perms[0] = name[0] = 0;
  while (fgets(line, sizeof line, f)) {
    unsigned long a, b, offset, inode;
    char p[8], dev[16], path[256] = "";
    sscanf(line, "%lx-%lx %7s %lx %15s %lu %255[^\n]", &a, &b, p, &offset, dev, &inode, path);
    if (a < (unsigned long)to && b > (unsigned long)from) {
      n++;
      strcpy(perms, p);
      char *base = strrchr(path, '/');
      snprintf(name, 320, "%s+%lx", base ? base + 1 : path, offset);
    }
  }
  fclose(f);
  return n;
}

static void show(const char *label, void *from, size_t size) {
  char perms[16], name[320];
  int n = count_lines(from, (char *)from + size, perms, name);
  printf("%s: %d lines, last %s %s\n", label, n, perms, name);
}

int main(void) {
  dt_start(20);
  int local = 0;
  char perms[16], name[320];
  printf("stack lines %d %s", count_lines((char *)&local, (char *)&local + 1, perms, name), perms);
  printf(" %s\n", strncmp(name, "[stack]", 7) == 0 ? "named" : name);
  char *heap = sbrk(4096);
  count_lines(heap, heap + 1, perms, name);
  printf("heap %s %s\n", perms, strncmp(name, "[heap]", 6) == 0 ? "named" : name);
  const int rw = PROT_READ | PROT_WRITE;
  char *guard = mmap(NULL, 12 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *p = guard + 4096;
  mmap(p, 4 * 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  show("one", p, 4 * 4096);
  mprotect(p + 4096, 4096, PROT_READ);
  show("split in three", p, 4 * 4096);
  mprotect(p + 4096, 4096, rw);
  show("merged again", p, 4 * 4096);
  munmap(p + 4096, 4096);
  show("with a hole", p, 4 * 4096);
  mmap(p + 4096, 4096, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  show("hole filled", p, 4 * 4096);
  int fd = MUST(open("a file", O_CREAT | O_RDWR, 0600));
  MUST(ftruncate(fd, 5 * 4096));
  mmap(p, 2 * 4096, PROT_READ, MAP_SHARED, fd, 0);
  char *f = mmap(p, 2 * 4096, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 4096);
  show("file", f, 2 * 4096);
  mmap(p + 2 * 4096, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 3 * 4096);
  show("file, consecutive", f, 3 * 4096);
  mmap(p + 3 * 4096, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0);
  show("private exec", f + 3 * 4096, 4096);
  MUST(unlink("a file"));
  show("unlinked", f, 4096);
  int maps = MUST(open("/proc/self/maps", O_RDONLY));
  char text[200];
  ssize_t n = read(maps, text, 60);
  IS(n > 0 && strchr(text, '-') != NULL);
  FILE *status = fopen("/proc/self/statm", "r");
  long size = 0, resident = 0;
  IS(status && fscanf(status, "%ld %ld", &size, &resident) == 2 && size > 0 && resident > 0 && size >= resident);
  return 0;
}
