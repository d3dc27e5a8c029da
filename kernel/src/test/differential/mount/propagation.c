/* Shared subtrees (mount_namespaces(7)): what shows where, and the optional fields of mountinfo. As root. */
#include "difftest.h"
#include <sys/mount.h>

static char base[PATH_MAX];
static int ids[64], known;

/* Group numbers as letters in the order in which they appear. */
static char letter(int id) {
  for (int i = 0; i < known; i++)
    if (ids[i] == id) return 'A' + i;
  if (known == 64) return '?';
  ids[known] = id;
  return 'A' + known++;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Mounts below the base: place and optional fields, sorted by place. */
static void table(const char *title) {
  FILE *f = fopen("/proc/self/mountinfo", "r");
  char line[4096], *rows[256];
  int n = 0;
  printf("-- %s\n", title);
  while (f && fgets(line, sizeof line, f) && n < 256) {
    char *save, *field[64];
    int k = 0;
    for (char *p = strtok_r(line, " \n", &save); p && k < 64; p = strtok_r(NULL, " \n", &save)) field[k++] = p;
    if (k < 7 || strncmp(field[4], base, strlen(base)) != 0) continue;
    char out[4096];
    int at = snprintf(out, sizeof out, "%s%s", field[4][strlen(base)] ? field[4] + strlen(base) : "/", "");
    for (int i = 6; i < k && strcmp(field[i], "-") != 0; i++) {
      char *colon = strchr(field[i], ':');
      if (colon) at += snprintf(out + at, sizeof out - at, " %.*s:#%s", (int)(colon - field[i]), field[i], colon + 1);
      else at += snprintf(out + at, sizeof out - at, " %s", field[i]);
    }
    rows[n++] = strdup(out);
  }
  if (f) fclose(f);
  qsort(rows, n, sizeof rows[0], by_text);
  for (int i = 0; i < n; i++) {
    for (char *p = rows[i]; *p; p++) {
      if (*p == '#') putchar(letter(strtol(p + 1, &p, 10))), p--;
      else putchar(*p);
    }
    putchar('\n');
    free(rows[i]);
  }
}

static long tmpfs(const char *at) { return mount("none", at, "tmpfs", 0, "size=64k"); }
static long kind(const char *at, unsigned long flags) { return mount(NULL, at, NULL, flags, NULL); }

static void peers(void) {
  known = 0;
  MUST(mkdir("a", 0755));
  MUST(mkdir("b", 0755));
  MUST(mkdir("c", 0755));
  SHOW(tmpfs("a"));
  MUST(mkdir("a/x", 0755));
  MUST(mkdir("a/y", 0755));
  table("private");
  SHOW(kind("a", MS_SHARED));
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount("a", "c", NULL, MS_BIND, NULL));
  SHOW(kind("c", MS_SLAVE));
  table("shared a, b and slave c");
  SHOW(tmpfs("b/x"));
  dt_write_file("b/x/f", "x", 0644);
  SHOW(access("a/x/f", F_OK));
  SHOW(access("c/x/f", F_OK));
  table("x on b");
  SHOW(tmpfs("c/y"));
  dt_write_file("c/y/f", "x", 0644);
  SHOW(access("a/y/f", F_OK));
  table("y on c: the master does not get it");
  SHOW(kind("c", MS_SHARED));
  table("c is shared and slave");
  SHOW(umount("a/x"));
  SHOW(access("b/x/f", F_OK));
  SHOW(access("c/x/f", F_OK));
  table("x gone everywhere");
  SHOW(tmpfs("a/y"));
  table("y on a: below what is on c already");
  SHOW(access("c/y/f", F_OK));
  SHOW(umount("a/y"));
  SHOW(access("c/y/f", F_OK));
  table("and gone again");
  SHOW(kind("a", MS_PRIVATE));
  table("a private: b is the master");
  SHOW(umount("b"));
  table("b gone: c has no master");
  SHOW(umount("c/y"));
  SHOW(umount("c"));
  SHOW(umount("a"));
}

static void busy(void) {
  known = 0;
  SHOW(tmpfs("a"));
  MUST(mkdir("a/x", 0755));
  SHOW(kind("a", MS_SHARED));
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(tmpfs("a/x"));
  dt_write_file("a/x/f", "x", 0644);
  int fd = MUST(open("b/x", O_RDONLY | O_DIRECTORY));
  SHOW(umount("a/x"));
  close(fd);
  MUST(mkdir("b/x/deep", 0755));
  SHOW(kind("b/x", MS_PRIVATE));
  SHOW(tmpfs("b/x/deep"));
  table("a private mount on the copy");
  SHOW(umount("a/x"));
  table("keeps it there");
  SHOW(umount2("b", MNT_DETACH));
  SHOW(umount2("a", MNT_DETACH));
  table("nothing");
}

static void kinds(void) {
  known = 0;
  SHOW(tmpfs("a"));
  MUST(mkdir("a/x", 0755));
  MUST(mkdir("a/y", 0755));
  SHOW(kind("a", MS_UNBINDABLE));
  table("unbindable");
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount("a/x", "b", NULL, MS_BIND, NULL));
  SHOW(kind("a", MS_PRIVATE));
  SHOW(tmpfs("a/x"));
  SHOW(kind("a/x", MS_UNBINDABLE));
  SHOW(mount("a", "b", NULL, MS_BIND | MS_REC, NULL));
  table("rbind leaves it out");
  SHOW(umount("b"));
  SHOW(tmpfs("b"));
  MUST(mkdir("b/t", 0755));
  SHOW(kind("b", MS_SHARED));
  SHOW(mount("a", "b/t", NULL, MS_MOVE, NULL));
  SHOW(kind("a/x", MS_PRIVATE));
  SHOW(tmpfs("b/t"));
  SHOW(mount("b/t", "c", NULL, MS_MOVE, NULL));
  SHOW(mount("a", "b/t", NULL, MS_MOVE, NULL));
  table("moved to a shared mount");
  SHOW(kind("b/t/x", MS_SHARED | MS_SLAVE));
  SHOW(kind("b/t/x", MS_SHARED | MS_RDONLY));
  SHOW(kind("b/t/y", MS_SHARED));
  SHOW(kind("b", MS_REC | MS_PRIVATE | MS_SILENT));
  table("all private");
  SHOW(kind("b", MS_SLAVE));
  table("a slave of nobody");
  SHOW(umount2("b", MNT_DETACH));
}

static void say(int fd) { MUST(write(fd, "x", 1)); }
static void hear(int fd) {
  char c;
  MUST(read(fd, &c, 1));
}

static void namespaces(void) {
  known = 0;
  int to[2], from[2];
  MUST(pipe(to));
  MUST(pipe(from));
  SHOW(tmpfs("a"));
  MUST(mkdir("a/x", 0755));
  MUST(mkdir("a/y", 0755));
  SHOW(kind("a", MS_SHARED));
  fflush(stdout);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    MUST(unshare(CLONE_NEWNS));
    table("in a copy of the tree");
    fflush(stdout);
    say(from[1]);
    hear(to[0]);
    table("mounted outside");
    SHOW(tmpfs("a/y"));
    fflush(stdout);
    say(from[1]);
    hear(to[0]);
    SHOW(kind("a", MS_REC | MS_SLAVE));
    SHOW(umount("a/y"));
    table("a slave that has unmounted");
    fflush(stdout);
    say(from[1]);
    hear(to[0]);
    table("the end");
    exit(0);
  }
  hear(from[0]);
  SHOW(tmpfs("a/x"));
  fflush(stdout);
  say(to[1]);
  hear(from[0]);
  table("mounted inside");
  fflush(stdout);
  say(to[1]);
  hear(from[0]);
  table("still there outside");
  SHOW(umount("a/x"));
  fflush(stdout);
  say(to[1]);
  int status;
  MUST(waitpid(pid, &status, 0));
  printf("status %d\n", WEXITSTATUS(status));
  table("after the end of the other tree");
  SHOW(umount("a/y"));
  SHOW(umount("a"));
}

static void chains(void) {
  known = 0;
  MUST(mkdir("d", 0755));
  SHOW(tmpfs("a"));
  MUST(mkdir("a/s", 0755));
  MUST(mkdir("a/s/x", 0755));
  MUST(mkdir("a/o", 0755));
  SHOW(kind("a", MS_SHARED));
  SHOW(mount("a/s", "b", NULL, MS_BIND, NULL));
  SHOW(kind("b", MS_SLAVE));
  SHOW(kind("b", MS_SHARED));
  SHOW(mount("b", "c", NULL, MS_BIND, NULL));
  SHOW(mount("c", "d", NULL, MS_BIND, NULL));
  SHOW(kind("d", MS_SLAVE));
  table("slaves of slaves of a part");
  SHOW(tmpfs("a/s/x"));
  table("x reaches all");
  SHOW(tmpfs("a/o"));
  table("o lies outside of the part");
  SHOW(mount("b", "a/o", NULL, MS_BIND, NULL));
  SHOW(umount("a/o"));
  SHOW(mount("a", "d", NULL, MS_BIND | MS_REC, NULL));
  table("rbind of all");
  SHOW(umount2("d", MNT_DETACH));
  SHOW(umount("b"));
  table("b gone");
  SHOW(umount2("c", MNT_DETACH));
  table("c gone");
  SHOW(umount2("d", MNT_DETACH));
  SHOW(umount2("a", MNT_DETACH));
  table("nothing");
}

int main(void) {
  dt_start(20);
  if (geteuid() != 0) {
    puts("not root");
    return 0;
  }
  MUST(unshare(CLONE_NEWNS));
  MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(getcwd(base, sizeof base) ? 0 : -1);
  peers();
  busy();
  kinds();
  namespaces();
  chains();
  return 0;
}
