/* clone3: argument sizes, exit signal, stack, tids, pidfd, and what is refused. */
#include "difftest.h"
#include <linux/sched.h>
#include <poll.h>

static long call(struct clone_args *args, size_t size) { return raw2(SYS_clone3, args, size); }

static void refused(const char *label, struct clone_args args, size_t size) {
  long r = call(&args, size);
  if (r == 0) _exit(0);
  if (r > 0) {
    waitpid((pid_t)r, NULL, __WALL);
    printf("%s: accepted\n", label);
  } else {
    printf("%s: %s\n", label, ename((int)-r));
  }
}

int main(void) {
  dt_start(20);
  struct clone_args plain = {.exit_signal = SIGCHLD};
  long pid = call(&plain, sizeof plain);
  if (pid == 0) _exit(11);
  dt_reap("plain", (pid_t)pid);
  pid = call(&plain, 64);
  if (pid == 0) _exit(12);
  dt_reap("size 64", (pid_t)pid);
  refused("size 63", plain, 63);
  refused("size 0", plain, 0);
  refused("signal 65", (struct clone_args){.exit_signal = 65}, sizeof plain);
  refused("signal in flags", (struct clone_args){.flags = SIGCHLD}, sizeof plain);
  refused("stack without size", (struct clone_args){.exit_signal = SIGCHLD, .stack = 4096}, sizeof plain);
  refused("size without stack", (struct clone_args){.exit_signal = SIGCHLD, .stack_size = 4096}, sizeof plain);
  refused("detached", (struct clone_args){.flags = CLONE_DETACHED, .exit_signal = SIGCHLD}, sizeof plain);
  refused("thread alone", (struct clone_args){.flags = CLONE_THREAD}, sizeof plain);
  refused("unknown flag", (struct clone_args){.flags = 1ull << 60, .exit_signal = SIGCHLD}, sizeof plain);
  unsigned char big[128] = {0};
  *(struct clone_args *)big = plain;
  pid = call((struct clone_args *)big, sizeof big);
  if (pid == 0) _exit(13);
  dt_reap("longer, zeros", (pid_t)pid);
  big[100] = 1;
  RAW(call((struct clone_args *)big, sizeof big));
  RAW(call(NULL, sizeof plain));
  RAW(call(&plain, 1 << 20));

  int pidfd = -1;
  pid_t parent_tid = 0;
  struct clone_args full = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .pidfd = (uintptr_t)&pidfd,
    .parent_tid = (uintptr_t)&parent_tid, .exit_signal = SIGCHLD};
  pid = call(&full, sizeof full);
  if (pid == 0) {
    for (;;) pause();
  }
  IS(parent_tid == pid);
  IS(pidfd >= 0);
  IS(fcntl(pidfd, F_GETFD) == FD_CLOEXEC);
  struct pollfd p = {pidfd, POLLIN, 0};
  SHOW(poll(&p, 1, 0));
  SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0));
  SHOW(poll(&p, 1, 5000));
  IS(p.revents == POLLIN);
  dt_reap("by pidfd", (pid_t)pid);
  SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0));

  struct sigaction sa = {.sa_handler = SIG_IGN};
  sigaction(SIGUSR2, &sa, NULL);
  struct clone_args clear = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
  signal(SIGUSR1, (void (*)(int))abort);
  pid = call(&clear, sizeof clear);
  if (pid == 0) {
    struct sigaction one, two;
    sigaction(SIGUSR1, NULL, &one);
    sigaction(SIGUSR2, NULL, &two);
    _exit((one.sa_handler == SIG_DFL) * 2 + (two.sa_handler == SIG_IGN));
  }
  dt_reap("clear sighand", (pid_t)pid);
  return 0;
}
