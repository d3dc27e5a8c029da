/* Errors of sethostname and setdomainname that change nothing. */
#include "difftest.h"

int main(void) {
  dt_start(10);
  RAW(raw2(SYS_sethostname, "x", -1));
  RAW(raw2(SYS_sethostname, "x", 65));
  RAW(raw2(SYS_sethostname, 8, 4));
  RAW(raw2(SYS_setdomainname, "x", -1));
  RAW(raw2(SYS_setdomainname, "x", 65));
  RAW(raw2(SYS_setdomainname, 8, 4));
  fflush(stdout);
  MUST(setresuid(1000, 1000, 1000));
  RAW(raw2(SYS_sethostname, "x", 1));
  RAW(raw2(SYS_sethostname, "x", -1));
  RAW(raw2(SYS_setdomainname, "x", 1));
  return 0;
}
