/* Calls of the administrator, made by an ordinary user: which error comes first. */
#include "difftest.h"
#include <linux/reboot.h>
#include <sys/timex.h>

int main(void) {
  dt_start(10);
  MUST(setresgid(1000, 1000, 1000));
  MUST(setresuid(1000, 1000, 1000));
  struct timeval tv = {0};
  struct timespec ts = {0};
  RAW(raw2(SYS_settimeofday, &tv, 0));
  RAW(raw2(SYS_settimeofday, 8, 0));
  tv.tv_usec = 1000000;
  RAW(raw2(SYS_settimeofday, &tv, 0));
  RAW(raw2(SYS_clock_settime, CLOCK_REALTIME, &ts));
  RAW(raw2(SYS_clock_settime, CLOCK_MONOTONIC, &ts));
  RAW(raw2(SYS_clock_settime, 77, &ts));
  RAW(raw2(SYS_clock_settime, CLOCK_REALTIME, 8));
  ts.tv_nsec = -1;
  RAW(raw2(SYS_clock_settime, CLOCK_REALTIME, &ts));
  RAW(raw1(SYS_acct, "file"));
  RAW(raw1(SYS_acct, 0));
  RAW(raw2(SYS_swapon, "file", 0));
  RAW(raw2(SYS_swapon, "file", -1));
  RAW(raw1(SYS_swapoff, "file"));
  RAW(raw4(SYS_reboot, 0, 0, 0, 0));
  RAW(raw4(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0));
  RAW(raw0(SYS_vhangup));
  RAW(raw2(SYS_pivot_root, ".", "."));
  RAW(raw3(SYS_syslog, 5, 0, 0));
  RAW(raw3(SYS_syslog, 6, 0, 0));
  RAW(raw3(SYS_syslog, 7, 0, 0));
  RAW(raw3(SYS_syslog, 11, 0, 0));
  RAW(raw2(SYS_sethostname, "x", 1));
  struct timex t = {.modes = ADJ_OFFSET};
  RAW(raw1(SYS_adjtimex, &t));
  RAW(raw2(SYS_clock_adjtime, CLOCK_REALTIME, &t));
  RAW(raw2(SYS_ustat, 0xffff, 0));
  RAW(raw4(SYS_quotactl, 0x800007 << 8, 0, 0, 0));
  RAW(raw1(SYS_chroot, "."));
  return 0;
}
