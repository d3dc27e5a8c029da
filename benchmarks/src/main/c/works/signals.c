/* Signals, as lmbench's lat_sig measures them: setting a handler, and being caught by it. */
#include "works.h"
#include <signal.h>
#include <sys/syscall.h>

static void handler(int signal) { (void)signal; }

static void install(long count) {
  struct sigaction action = {.sa_handler = handler};
  for (long i = 0; i < count; i++) must(sigaction(SIGUSR1, &action, NULL), "sigaction");
}
WORK(signal_install, .turn = install)

static void prepare(long unused) {
  (void)unused;
  install(1);
}

static void raise_signal(long count) {
  pid_t me = getpid(), thread = gettid();
  for (long i = 0; i < count; i++) syscall(SYS_tgkill, me, thread, SIGUSR1);
}
WORK(signal, .begin = prepare, .turn = raise_signal)
