/* alarm, setitimer and POSIX timers: remaining times, signals, overruns, fork and exec. */
#include "difftest.h"

static volatile sig_atomic_t hits, code, over, id_value;
static void on(int s, siginfo_t *i, void *c) {
  (void)s; (void)c;
  hits++;
  code = i->si_code;
  over = i->si_overrun;
  id_value = i->si_value.sival_int;
}

static void burn(long ms) {
  struct timespec t;
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < ms);
}

int main(int argc, UNUSED char **argv) {
  if (argc > 1) {
    struct itimerval now;
    getitimer(ITIMER_REAL, &now);
    IS_AS("itimer kept by exec", now.it_value.tv_sec > 0);
    struct itimerspec ts;
    RAW_AS("posix timer gone", raw2(SYS_timer_gettime, 0, &ts));
    return 0;
  }
  dt_start(20);
  struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
  int sigs[] = {SIGUSR1, SIGVTALRM, SIGPROF, SIGRTMIN, SIGALRM};
  for (int i = 0; i < 5; i++) sigaction(sigs[i], &sa, NULL);
  alarm(100);
  SHOW_AS("alarm left", alarm(0));
  SHOW_AS("none left", alarm(0));
  struct itimerval it = {{0, 0}, {0, 20000}}, old;
  SHOW(setitimer(ITIMER_REAL, &it, NULL));
  pause();
  SHOW_AS("hits", hits);
  IS(code == SI_KERNEL);
  SHOW(getitimer(ITIMER_REAL, &old));
  SHOW_AS("left", old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
  it.it_value.tv_usec = 1000000;
  SHOW(setitimer(ITIMER_REAL, &it, NULL));
  SHOW(setitimer(3, &it, NULL));
  SHOW(getitimer(-1, &it));
  hits = 0;
  it = (struct itimerval){{0, 10000}, {0, 10000}};
  SHOW(setitimer(ITIMER_REAL, &it, NULL));
  while (hits < 5) pause();
  it = (struct itimerval){{0, 0}, {0, 0}};
  SHOW(setitimer(ITIMER_REAL, &it, &old));
  SHOW_AS("interval", old.it_interval.tv_usec);
  hits = 0;
  it.it_value.tv_usec = 30000;
  SHOW(setitimer(ITIMER_VIRTUAL, &it, NULL));
  while (!hits) burn(0);
  SHOW_AS("virtual", hits);
  hits = 0;
  SHOW(setitimer(ITIMER_PROF, &it, NULL));
  while (!hits) burn(0);
  SHOW_AS("prof", hits);
  hits = 0;

  timer_t t;
  struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
  SHOW(timer_create(CLOCK_MONOTONIC, &ev, &t));
  struct itimerspec ts = {{0, 0}, {0, 20000000}}, was;
  SHOW(timer_settime(t, 0, &ts, NULL));
  pause();
  SHOW_AS("hits", hits);
  IS(code == SI_TIMER);
  SHOW_AS("value", id_value);
  SHOW_AS("overrun", over);
  SHOW(timer_gettime(t, &was));
  SHOW_AS("left", was.it_value.tv_nsec);
  sigset_t rt;
  sigemptyset(&rt);
  sigaddset(&rt, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &rt, NULL);
  ts = (struct itimerspec){{0, 10000000}, {0, 10000000}};
  SHOW(timer_settime(t, 0, &ts, NULL));
  dt_sleep_ms(105);
  hits = 0;
  sigprocmask(SIG_UNBLOCK, &rt, NULL);
  IS(hits == 1);
  IS(over >= 8 && over < 60);
  ts = (struct itimerspec){{0, 0}, {0, 0}};
  SHOW(timer_settime(t, 0, &ts, &was));
  SHOW_AS("old interval", was.it_interval.tv_nsec);
  SHOW(timer_delete(t));
  RAW(raw1(SYS_timer_delete, 12345));
  RAW(raw2(SYS_timer_gettime, 12345, &ts));
  ts.it_value.tv_nsec = 1000000000;
  RAW(raw4(SYS_timer_settime, 12345, 0, &ts, 0));
  ev.sigev_signo = 99;
  int kid;
  RAW(raw3(SYS_timer_create, CLOCK_MONOTONIC, &ev, &kid));
  RAW(raw3(SYS_timer_create, 55, 0, &kid));
  RAW(raw3(SYS_timer_create, CLOCK_MONOTONIC, 0, 8));
  ev = (struct sigevent){.sigev_notify = SIGEV_NONE};
  SHOW(timer_create(CLOCK_REALTIME, &ev, &t));
  ts = (struct itimerspec){{0, 0}, {100, 0}};
  SHOW(timer_settime(t, 0, &ts, NULL));
  SHOW(timer_gettime(t, &was));
  IS(was.it_value.tv_sec == 99 || was.it_value.tv_sec == 100);
  timer_t cpu;
  ev = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  SHOW(timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &cpu));
  ts = (struct itimerspec){{0, 0}, {0, 20000000}};
  hits = 0;
  SHOW(timer_settime(cpu, 0, &ts, NULL));
  while (!hits) burn(0);
  SHOW_AS("cpu timer", hits);
  alarm(50);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    SHOW_AS("child's alarm", alarm(0));
    RAW_AS("child's timer", raw2(SYS_timer_gettime, 0, &ts));
    fflush(stdout);
    _exit(0);
  }
  dt_reap("child", pid);
  execl("/proc/self/exe", "again", "exec", NULL);
  return 1;
}
