/* Symbolic links: loops, chains around the limit of 40, long names, deep directories, trailing slashes. */
#include "difftest.h"

int main(void) {
  dt_start(30);
  struct stat st;
  char a[64], b[64];
  MUST(symlink("self", "self"));
  MUST(symlink("pong", "ping"));
  MUST(symlink("ping", "pong"));
  SHOW(open("self", O_RDONLY));
  SHOW(stat("ping", &st));
  SHOW(lstat("ping", &st));
  SHOW(open("ping/x", O_RDONLY));
  SHOW(open("self", O_RDONLY | O_NOFOLLOW));
  SHOW(mkdir("self", 0700));
  SHOW(unlink("self/"));
  SHOW(chdir("pong"));
  SHOW(execl("self", "self", NULL));
  dt_write_file("l0", "x", 0600);
  for (int i = 1; i <= 45; i++) {
    snprintf(a, sizeof a, "l%d", i - 1);
    snprintf(b, sizeof b, "l%d", i);
    MUST(symlink(a, b));
    if (i > 37) {
      printf("chain of %d: ", i);
      SHOW_AS("stat", stat(b, &st));
    }
  }
  MUST(mkdir("d", 0700));
  MUST(symlink(".", "d/here"));
  char path[8192] = "d";
  for (int i = 0; i < 45; i++) {
    strcat(path, "/here");
    if (i > 37) {
      printf("%d links on the way: ", i + 1);
      SHOW_AS("stat", stat(path, &st));
    }
  }
  memset(path, 'n', 300);
  path[255] = 0;
  OK_AS("name of 255", mkdir(path, 0700));
  path[255] = 'n';
  path[256] = 0;
  OK_AS("name of 256", mkdir(path, 0700));
  for (int i = 0; i < 4200; i++) path[i] = i % 2 ? '/' : '.';
  path[4095] = 0;
  OK_AS("path of 4095", stat(path, &st));
  path[4095] = '/';
  path[4096] = 0;
  OK_AS("path of 4096", stat(path, &st));
  SHOW(symlink("", "empty"));
  SHOW(stat("", &st));
  SHOW(open("l0/", O_RDONLY));
  SHOW(stat("l0/.", &st));
  SHOW(stat("l0/..", &st));
  SHOW(rmdir("d/here/."));
  SHOW(rmdir("d/.."));
  SHOW(unlink("."));
  SHOW(rename("d", "d/x"));
  for (int i = 0; i < 200; i++) {
    MUST(mkdir("deep", 0700));
    MUST(chdir("deep"));
  }
  char *cwd = getcwd(NULL, 0);
  IS(cwd && strlen(cwd) >= 1000);
  for (int i = 0; i < 200; i++) {
    MUST(chdir(".."));
    MUST(rmdir("deep"));
  }
  return 0;
}
