/* waitid: the siginfo of each kind of event, WNOWAIT, WEXITED required, P_PGID, P_PIDFD. */
#include "difftest.h"

static pid_t paused(void) {
  pid_t pid = fork();
  if (pid == 0)
    for (;;) pause();
  return pid;
}

static void info_of(const char *label, idtype_t type, id_t id, int options, pid_t pid) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  errno = 0;
  int r = waitid(type, id, &info, options);
  if (r == -1) {
    printf("%s: %s\n", label, ename(errno));
    return;
  }
  if (info.si_pid == 0) {
    printf("%s: nothing, signo %d\n", label, info.si_signo);
    return;
  }
  const char *codes[] = {"?", "EXITED", "KILLED", "DUMPED", "TRAPPED", "STOPPED", "CONTINUED"};
  printf("%s: %s code %s status %d pid %s uid %d\n", label, sname(info.si_signo), codes[info.si_code],
         info.si_status, info.si_pid == pid ? "right" : "wrong", (int)info.si_uid);
}

int main(void) {
  dt_start(20);
  siginfo_t info;
  SHOW(waitid(P_ALL, 0, &info, WEXITED));
  SHOW(waitid(P_ALL, 0, &info, 0));
  SHOW(waitid(P_ALL, 0, &info, WNOHANG));
  SHOW(waitid((idtype_t)9, 0, &info, WEXITED));
  SHOW(waitid(P_PID, 0, &info, WEXITED));
  pid_t pid = fork();
  if (pid == 0) _exit(300);
  info_of("keep", P_PID, pid, WEXITED | WNOWAIT, pid);
  info_of("keep again", P_ALL, 0, WEXITED | WNOWAIT, pid);
  info_of("take", P_PID, pid, WEXITED, pid);
  info_of("taken", P_PID, pid, WEXITED, pid);
  pid = paused();
  info_of("running", P_PID, pid, WEXITED | WSTOPPED | WCONTINUED | WNOHANG, pid);
  kill(pid, SIGSTOP);
  info_of("stopped", P_PID, pid, WSTOPPED, pid);
  info_of("stop taken", P_PID, pid, WSTOPPED | WNOHANG, pid);
  kill(pid, SIGCONT);
  info_of("continued", P_PID, pid, WCONTINUED, pid);
  kill(pid, SIGTERM);
  info_of("killed", P_PID, pid, WEXITED, pid);
  pid = paused();
  setpgid(pid, pid);
  kill(pid, SIGKILL);
  info_of("own group", P_PGID, 0, WEXITED | WNOHANG, pid);
  info_of("its group", P_PGID, pid, WEXITED, pid);
  pid = fork();
  if (pid == 0) _exit(4);
  int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (pidfd >= 0) {
    info_of("pidfd", P_PIDFD, pidfd, WEXITED, pid);
    info_of("pidfd again", P_PIDFD, pidfd, WEXITED, pid);
    close(pidfd);
  } else {
    printf("pidfd_open: %s\n", ename(errno));
  }
  SHOW(waitid(P_PIDFD, 999, &info, WEXITED));
  pid = fork();
  if (pid == 0) _exit(1);
  SHOW(waitid(P_PID, pid, NULL, WEXITED));
  pid = fork();
  if (pid == 0) _exit(1);
  RAW(raw5(SYS_waitid, P_PID, pid, 8, WEXITED, 0));
  RAW(raw5(SYS_waitid, P_PID, pid, 0, WEXITED, 0));
  return 0;
}
