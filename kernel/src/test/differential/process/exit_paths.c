/* exit_group with threads, a dying leader, exec from a thread, and death of all threads by a signal. */
#include "difftest.h"

static void *forever(void *arg) {
  (void)arg;
  for (;;) pause();
  return NULL;
}

static void *exits(void *arg) {
  (void)arg;
  _exit(61);
}

static void *leaves_late(void *arg) {
  dt_await_state((pid_t)(intptr_t)arg, "Z");
  printf("leader is a zombie, thread goes on\n");
  fflush(stdout);
  _exit(62);
}

static void *execs(void *arg) {
  (void)arg;
  execl("/bin/sh", "sh", "-c", "exit 63", (char *)NULL);
  return NULL;
}

static void start(void *(*body)(void *), void *arg) {
  pthread_t t;
  pthread_create(&t, NULL, body, arg);
}

static void group_exit(void) {
  for (int i = 0; i < 4; i++) start(forever, NULL);
  start(exits, NULL);
  for (;;) pause();
}

static void leader_leaves(void) {
  start(leaves_late, (void *)(intptr_t)getpid());
  syscall(SYS_exit, 5);
}

static void all_leave(void) {
  syscall(SYS_exit, 64);
}

static void thread_exec(void) {
  for (int i = 0; i < 4; i++) start(forever, NULL);
  start(execs, NULL);
  for (;;) pause();
}

static void *faults(void *arg) {
  *(volatile int *)arg = 1;
  return NULL;
}

static void thread_fault(void) {
  start(forever, NULL);
  start(faults, (void *)16);
  for (;;) pause();
}

static void returns_from_thread(void) {
  pthread_t t;
  void *value;
  pthread_create(&t, NULL, (void *(*)(void *))(void *)pthread_exit, (void *)65);
  pthread_join(t, &value);
  _exit((int)(intptr_t)value);
}

static void fork_in_thread_child(void) {
  start(forever, NULL);
  pid_t pid = fork();
  if (pid == 0) _exit(66);
  dt_reap("child of threaded process", pid);
  _exit(67);
}

static void killed_from_outside(void) {
  for (int i = 0; i < 3; i++) start(forever, NULL);
  kill(getpid(), SIGTERM);
  for (;;) pause();
}

static void aborts(void) { abort(); }
static void returns_main(void) { exit(68); }

int main(void) {
  dt_start(20);
  dt_in_child("exit_group from a thread", group_exit);
  dt_in_child("leader leaves first", leader_leaves);
  dt_in_child("only thread leaves by exit", all_leave);
  dt_in_child("exec from a thread", thread_exec);
  dt_in_child("fault in a thread", thread_fault);
  dt_in_child("pthread value", returns_from_thread);
  dt_in_child("fork beside threads", fork_in_thread_child);
  dt_in_child("TERM with threads", killed_from_outside);
  dt_in_child("abort", aborts);
  dt_in_child("exit", returns_main);
  return 0;
}
