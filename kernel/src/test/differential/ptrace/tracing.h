/* Shared by the programs of ptrace: a tracee, its stops by name. */
#ifndef TRACING_H
#define TRACING_H
#include "difftest.h"
#include <elf.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

UNUSED static const char *event_name(int event) {
  static const char *names[] = {"", "FORK", "VFORK", "CLONE", "EXEC", "VFORK_DONE", "EXIT", "SECCOMP"};
  return event == PTRACE_EVENT_STOP ? "STOP" : event >= 0 && event < 8 ? names[event] : "?";
}

/* A wait status with what ptrace adds to it. */
UNUSED static void show_status(const char *label, int status) {
  if (!WIFSTOPPED(status)) {
    dt_status(label, status);
    return;
  }
  int signal = WSTOPSIG(status);
  printf("%s: stopped by %s%s", label, sname(signal & 0x7f), signal & 0x80 ? "|80" : "");
  if (status >> 16) printf(" event %s", event_name(status >> 16));
  printf("\n");
}

/* Waits for one thread or process and shows its status. */
UNUSED static int await_stop(const char *label, pid_t pid) {
  int status = -1;
  pid_t got;
  do got = waitpid(pid, &status, __WALL);
  while (got == -1 && errno == EINTR);
  if (got == -1) printf("%s: wait: %s\n", label, ename(errno));
  else show_status(label, status);
  return status;
}

/* A child that asks to be traced and stops itself, then runs body. */
UNUSED static pid_t traced_child(void (*body)(void)) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(30);
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) _exit(100);
    raise(SIGSTOP);
    body();
    _exit(0);
  }
  return pid;
}

UNUSED static long raw_ptrace(long request, long pid, long addr, long data) {
  return raw4(SYS_ptrace, request, pid, addr, data);
}
#endif
