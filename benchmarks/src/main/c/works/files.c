/* Many files: a tree gone through as ls -lR does, stat(2) of one file after the other, small files made and removed. */
#include "works.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define TREE "/usr/include"
#define MOST_PATHS 4096
#define DEEPEST 64

/* Where a walk stands: it goes on where the last turn has left it. */
static DIR *open_dirs[DEEPEST];
static int depth;

static void enter(int fd) {
  if (depth == DEEPEST) fail("a tree too deep");
  DIR *d = fdopendir(fd);
  if (!d) fail("opendir");
  open_dirs[depth++] = d;
}

/* The next file of the tree, from the start again after the last one; its attributes are read. */
static void step(void) {
  for (;;) {
    if (depth == 0) enter(must(open(TREE, O_RDONLY | O_DIRECTORY), TREE));
    struct dirent *e = readdir(open_dirs[depth - 1]);
    if (!e) {
      closedir(open_dirs[--depth]);
      continue;
    }
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    struct stat s;
    int dir = dirfd(open_dirs[depth - 1]);
    must(fstatat(dir, e->d_name, &s, AT_SYMLINK_NOFOLLOW), "fstatat");
    if (S_ISDIR(s.st_mode)) enter(must(openat(dir, e->d_name, O_RDONLY | O_DIRECTORY), "openat"));
    return;
  }
}

static void walk(long count) {
  for (long i = 0; i < count; i++) step();
}

static void leave(void) {
  while (depth > 0) closedir(open_dirs[--depth]);
}
WORK(walk, .turn = walk, .end = leave)

static char *paths[MOST_PATHS];
static int path_count;

static void collect(const char *directory) {
  DIR *d = opendir(directory);
  if (!d) fail(directory);
  for (struct dirent *e = readdir(d); e && path_count < MOST_PATHS; e = readdir(d)) {
    char path[4096];
    if (e->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", directory, e->d_name);
    paths[path_count++] = strdup(path);
    if (e->d_type == DT_DIR) collect(path);
  }
  closedir(d);
}

static void collect_all(long unused) {
  (void)unused;
  collect(TREE);
}

static void forget(void) {
  while (path_count > 0) free(paths[--path_count]);
}

static void stat_many(long count) {
  static int next;
  struct stat s;
  for (long i = 0; i < count; i++) must(lstat(paths[next++ % path_count], &s), "lstat");
}
WORK(stat_many, .begin = collect_all, .turn = stat_many, .end = forget)

static char place[] = "/tmp/works-XXXXXX";

static void make_place(long unused) {
  (void)unused;
  strcpy(place, "/tmp/works-XXXXXX");
  if (!mkdtemp(place)) fail("mkdtemp");
}

static void remove_place(void) { rmdir(place); }

static void small_files(long count) {
  char path[64], text[100] = "a small file\n";
  for (long i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/%ld", place, i % 64);
    int fd = must(open(path, O_CREAT | O_WRONLY | O_EXCL, 0644), "create");
    must(write(fd, text, sizeof text), "write");
    close(fd);
    must(unlink(path), "unlink");
  }
}
WORK(small_files, .begin = make_place, .turn = small_files, .end = remove_place)
