/* The queues as files of a mount of type mqueue. */
#include "../difftest.h"
#include <dirent.h>
#include <mqueue.h>
#include <sys/mount.h>
#include <sys/statfs.h>

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(void) {
  char *names[32];
  int n = 0;
  DIR *d = opendir("m");
  for (struct dirent *e; (e = readdir(d)) && n < 32;) names[n++] = strdup(e->d_name);
  closedir(d);
  qsort(names, n, sizeof *names, by_name);
  printf("entries:");
  for (int i = 0; i < n; i++) printf(" %s", names[i]);
  puts("");
}

static void other_user(void) {
  MUST(setresgid(1001, 1001, 1001));
  MUST(setresuid(1001, 1001, 1001));
  SHOW(mq_open("/one", O_RDONLY));
  SHOW(mq_open("/one", O_RDWR));
  OK(mq_open("/shared", O_RDONLY));
  SHOW(mq_open("/shared", O_WRONLY));
  SHOW(mq_unlink("/one"));
  SHOW(unlink("m/one"));
  OK(mq_open("/mine", O_RDWR | O_CREAT, 0, NULL));
  SHOW(mq_open("/mine", O_RDWR));
  SHOW(mq_unlink("/mine"));
  struct mq_attr big = {.mq_maxmsg = 11, .mq_msgsize = 10};
  SHOW(mq_open("/big", O_RDWR | O_CREAT, 0600, &big));
}

int main(void) {
  dt_start(30);
  char dir[] = "/tmp/mqueue-XXXXXX";
  MUST(mkdtemp(dir) == NULL ? -1 : 0);
  MUST(chmod(dir, 0755));
  MUST(chdir(dir));
  unshare(CLONE_NEWIPC);
  unshare(CLONE_NEWNS);
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  mkdir("m", 0755);
  SHOW(mount("none", "m", "mqueue", 0, NULL));
  struct statfs fs;
  SHOW(statfs("m", &fs));
  printf("type %lx namelen %ld\n", (unsigned long)fs.f_type, (long)fs.f_namelen);
  struct stat st;
  SHOW(stat("m", &st));
  printf("root mode %o nlink %ld\n", st.st_mode, (long)st.st_nlink);
  mqd_t q = mq_open("/one", O_RDWR | O_CREAT, 0640, NULL);
  list();
  SHOW(stat("m/one", &st));
  printf("mode %o size %ld nlink %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
  mq_send(q, "hello", 5, 3);
  int fd = MUST(open("m/one", O_RDONLY));
  char b[100] = "";
  SHOW(read(fd, b, 100));
  printf("%s", b);
  SHOW(read(fd, b, 100));
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(mq_receive(fd, b, 8192, NULL));
  SHOW(mq_send(fd, "x", 1, 0));
  close(fd);
  fd = SHOW(open("m/two", O_RDWR | O_CREAT, 0600)) >= 0 ? 0 : -1;
  struct mq_attr a;
  mqd_t two = mq_open("/two", O_RDWR);
  SHOW(mq_getattr(two, &a));
  printf("maxmsg %ld msgsize %ld\n", a.mq_maxmsg, a.mq_msgsize);
  SHOW(rename("m/two", "m/three"));
  SHOW(link("m/two", "m/three"));
  SHOW(symlink("x", "m/link"));
  SHOW(mkdir("m/dir", 0700));
  SHOW(mkfifo("m/fifo", 0600));
  SHOW(truncate("m/two", 10));
  SHOW(chmod("m/two", 0604));
  SHOW(chown("m/two", 1, 2));
  SHOW(stat("m/two", &st));
  printf("mode %o size %ld uid %d gid %d\n", st.st_mode, (long)st.st_size, st.st_uid, st.st_gid);
  SHOW(unlink("m/two"));
  SHOW(mq_open("/two", O_RDWR));
  list();
  mqd_t shared = mq_open("/shared", O_RDWR | O_CREAT, 0644, NULL);
  IS(shared != (mqd_t)-1);
  dt_in_child("other user", other_user);
  list();
  SHOW(mq_unlink("/one"));
  SHOW(mq_unlink("/shared"));
  list();
  SHOW(umount("m"));
  SHOW(access("m/one", F_OK));
  return 0;
}
