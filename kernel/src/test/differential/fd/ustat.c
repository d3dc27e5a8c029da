/* ustat: the file system of the working directory, and one that is not mounted. */
#include "difftest.h"
#include <sys/statfs.h>

int main(void) {
  dt_start(10);
  struct { int32_t free; unsigned long inodes; char name[6], pack[6]; } u;
  struct stat st;
  struct statfs fs;
  MUST(stat(".", &st));
  MUST(statfs(".", &fs));
  memset(&u, 0xee, sizeof u);
  RAW(raw2(SYS_ustat, st.st_dev, &u));
  IS(dt_all(u.name, 0, 6) && dt_all(u.pack, 0, 6));
  IS(labs((long)u.inodes - (long)fs.f_ffree) < 10000);
  RAW(raw2(SYS_ustat, st.st_dev, 8));
  RAW(raw2(SYS_ustat, 0xffff, &u));
  RAW(raw2(SYS_ustat, 0xffff, 8));
  return 0;
}
