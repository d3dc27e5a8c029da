/*
 * Whole programs. WORKS_PREFIX is put before what is started directly: what only translates the program it was given
 * (qemu-user) has to be named again.
 */
#include "works.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const char *prefix(void) {
  const char *p = getenv("WORKS_PREFIX");
  return p == NULL ? "" : p;
}

/* Runs a command line and calls each(line) for what it prints. */
static void lines(const char *command, void (*each)(const char *)) {
  char line[512];
  FILE *out = popen(command, "r");
  if (out == NULL) fail("popen");
  while (fgets(line, sizeof line, out) != NULL)
    if (each != NULL) each(line);
  if (pclose(out) != 0) fail(command);
}

static void times(long count, const char *command) {
  for (long i = 0; i < count; i++) lines(command, NULL);
}

/* Ten rounds of a command, a subshell and a pipe. */
static void script(long count) {
  times(count, "i=0; while [ $i -lt 10 ]; do /bin/true; x=$(/bin/echo $i | /bin/cat); i=$((i + 1)); done");
}
WORK(script, .turn = script)

static void compile(long count) {
  char command[512];
  snprintf(command, sizeof command, "gcc -O2 -c -o /tmp/works-%d.o %s", getpid(), SOURCE);
  times(count, command);
}

static void remove_object(void) {
  char path[64];
  snprintf(path, sizeof path, "/tmp/works-%d.o", getpid());
  unlink(path);
}
WORK(compile, .turn = compile, .end = remove_object)

/*
 * ---- sysbench: the time that it has itself measured, without its start ----
 * An operation is many events, so that starting its threads is a small part wherever it runs.
 */

static double total; /* below zero: not said; its resolution is 0.1 ms */

static void total_time(const char *line) {
  const char *at = strstr(line, "total time:");
  if (at != NULL) total = atof(at + strlen("total time:")) * 1e9;
}

static void sysbench(const char *test, const char *option, long count) {
  char command[512];
  snprintf(command, sizeof command, "%s /usr/bin/sysbench %s %s=%ld --time=0 run", prefix(), test, option, count);
  total = -1;
  lines(command, total_time);
  if (total < 0) fail("sysbench says no total time");
  answer(total);
}

static void sysbench_cpu(long count) { sysbench("cpu --threads=1", "--events", count * 20); }
WORK(sysbench_cpu, .turn = sysbench_cpu)

static void sysbench_threads(long count) {
  sysbench("threads --threads=8 --thread-yields=20 --thread-locks=4", "--events", count * 50);
}
WORK(sysbench_threads, .turn = sysbench_threads)

static void sysbench_mutex(long count) {
  sysbench("mutex --threads=8 --mutex-num=64 --mutex-loops=100", "--mutex-locks", count * 10000);
}
WORK(sysbench_mutex, .turn = sysbench_mutex)

/*
 * ---- redis: its own benchmark, SET and GET by ten clients over TCP ----
 * An operation is 200 of each: redis-benchmark counts milliseconds.
 */

#define REQUESTS 200

static pid_t server;
static int port;
static double each_ns;

/* "SET","12345.67",... */
static void requests_per_second(const char *line) {
  const char *at = strncmp(line, "\"SET\",\"", 7) == 0 || strncmp(line, "\"GET\",\"", 7) == 0 ? line + 7 : NULL;
  if (at != NULL && atof(at) > 0) each_ns += 1e9 / atof(at);
}

static void benchmark(long count) {
  char command[512];
  snprintf(command, sizeof command, "%s /usr/bin/redis-benchmark -p %d -n %ld -c 10 -t set,get --csv", prefix(), port,
           count * REQUESTS);
  each_ns = 0;
  lines(command, requests_per_second);
  if (each_ns == 0) fail("redis-benchmark says nothing");
  answer(each_ns * count * REQUESTS);
}

static void serve(long unused) {
  char command[256];
  (void)unused;
  snprintf(command, sizeof command,
           "exec %s /usr/bin/redis-server --bind 127.0.0.1 --port %d --save '' --appendonly no --dir /tmp >/dev/null", prefix(),
           port);
  execl("/bin/sh", "sh", "-c", command, NULL);
  fail("/bin/sh");
}

static void start_server(long unused) {
  char command[256];
  (void)unused;
  port = 20000 + getpid() % 10000;
  server = child(serve, 0);
  snprintf(command, sizeof command, "n=0; until redis-cli -p %d ping >/dev/null 2>&1; do sleep 0.05; n=$((n + 1)); "
           "[ $n -lt 100 ] || exit 1; done", port);
  times(1, command);
}

static void stop_server(void) { stop_child(server); }
WORK(redis, .begin = start_server, .turn = benchmark, .end = stop_server)
