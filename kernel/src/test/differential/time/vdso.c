/*
 * The vDSO: found by its auxiliary vector entry as dynamic linkers find it, its clocks close to those of the system
 * calls, monotone across threads, and not made by a system call each.
 */
#include "difftest.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#define THREADS 4
#define ROUNDS 20000

static unsigned char *image;
static ElfW(Dyn) *dynamic;

static void *table(long tag) {
  for (ElfW(Dyn) *d = dynamic; d->d_tag != DT_NULL; d++)
    if (d->d_tag == tag) return image + d->d_un.d_ptr;
  return NULL;
}

/* The function of this name in version LINUX_2.6. */
static void *lookup(const char *name) {
  ElfW(Sym) *symbols = table(DT_SYMTAB);
  const char *strings = table(DT_STRTAB);
  ElfW(Half) *versions = table(DT_VERSYM);
  ElfW(Verdef) *def = table(DT_VERDEF);
  uint32_t *hash = table(DT_HASH);
  uint32_t count;
  if (hash) {
    count = hash[1];
  } else { /* a host with DT_GNU_HASH only: the table ends before the strings */
    count = (uint32_t)(((char *)strings - (char *)symbols) / sizeof *symbols);
  }
  int wanted = 0;
  for (;;) {
    ElfW(Verdaux) *aux = (void *)((char *)def + def->vd_aux);
    if (!(def->vd_flags & VER_FLG_BASE) && strcmp(strings + aux->vda_name, "LINUX_2.6") == 0) wanted = def->vd_ndx;
    if (def->vd_next == 0) break;
    def = (void *)((char *)def + def->vd_next);
  }
  for (uint32_t i = 0; i < count; i++)
    if (symbols[i].st_shndx != SHN_UNDEF && strcmp(strings + symbols[i].st_name, name) == 0 &&
        (versions[i] & 0x7fff) == wanted)
      return image + symbols[i].st_value;
  return NULL;
}

static int (*vclock_gettime)(clockid_t, struct timespec *);
static int (*vgettimeofday)(struct timeval *, struct timezone *);
static time_t (*vtime)(time_t *);
static int (*vgetcpu)(unsigned *, unsigned *, void *);
static int (*vclock_getres)(clockid_t, struct timespec *);

static int64_t ns(struct timespec t) { return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec; }

static int64_t kernel_time(clockid_t clock) {
  struct timespec t;
  syscall(SYS_clock_gettime, clock, &t);
  return ns(t);
}

static int64_t vdso_time(clockid_t clock) {
  struct timespec t;
  if (vclock_gettime(clock, &t) != 0) return -1;
  return t.tv_nsec >= 0 && t.tv_nsec < 1000000000 ? ns(t) : -1;
}

/*
 * By how much the vDSO's time lies outside the two system calls around it; the best of many tries, as a thread may lose
 * the CPU in between. Coarse clocks stand still for a tick.
 */
static bool close_to_kernel(clockid_t clock, int64_t slack) {
  int64_t best = INT64_MAX;
  for (int i = 0; i < 200 && best > slack; i++) {
    int64_t before = kernel_time(clock), v = vdso_time(clock), after = kernel_time(clock);
    int64_t off = v < before ? before - v : v > after ? v - after : 0;
    if (off < best) best = off;
  }
  return best <= slack;
}

static _Atomic int64_t latest;
static atomic_int backwards;

/* No thread may read a time before one that another thread has read and published. */
static void *watch(void *clock) {
  for (int i = 0; i < ROUNDS; i++) {
    int64_t seen = atomic_load(&latest);
    int64_t now = vdso_time((clockid_t)(intptr_t)clock);
    if (now < seen) atomic_fetch_add(&backwards, 1);
    while (now > seen && !atomic_compare_exchange_weak(&latest, &seen, now)) {}
  }
  return NULL;
}

static bool monotone(clockid_t clock) {
  pthread_t threads[THREADS];
  atomic_store(&latest, 0);
  atomic_store(&backwards, 0);
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, watch, (void *)(intptr_t)clock);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  return atomic_load(&backwards) == 0;
}

/* The vDSO must be cheaper than the system call that it saves: the best of several rounds of each. */
static bool cheaper(void) {
  int64_t best_call = INT64_MAX, best_vdso = INT64_MAX;
  for (int round = 0; round < 20; round++) {
    int64_t t0 = kernel_time(CLOCK_MONOTONIC);
    for (int i = 0; i < 100; i++) kernel_time(CLOCK_MONOTONIC);
    int64_t t1 = kernel_time(CLOCK_MONOTONIC);
    for (int i = 0; i < 100; i++) vdso_time(CLOCK_MONOTONIC);
    int64_t t2 = kernel_time(CLOCK_MONOTONIC);
    if (t1 - t0 < best_call) best_call = t1 - t0;
    if (t2 - t1 < best_vdso) best_vdso = t2 - t1;
  }
  return best_vdso < best_call;
}

static void maps(void) {
  char line[512];
  bool code = false, data = false;
  FILE *f = fopen("/proc/self/maps", "r");
  while (f && fgets(line, sizeof line, f)) {
    unsigned long start, end;
    char protection[8], name[64] = "";
    sscanf(line, "%lx-%lx %7s %*s %*s %*s %63s", &start, &end, protection, name);
    if (strcmp(name, "[vdso]") == 0) code = start == (unsigned long)image && strcmp(protection, "r-xp") == 0;
    if (strcmp(name, "[vvar]") == 0) data = strcmp(protection, "r--p") == 0;
  }
  if (f) fclose(f);
  dt_truth("maps shows [vdso] r-xp at AT_SYSINFO_EHDR", code);
  dt_truth("maps shows [vvar] r--p", data);
}

int main(void) {
  image = (unsigned char *)getauxval(AT_SYSINFO_EHDR);
  if (!dt_truth("AT_SYSINFO_EHDR", image != NULL)) return 1;
  ElfW(Ehdr) *header = (void *)image;
  dt_truth("ELF", memcmp(image, ELFMAG, SELFMAG) == 0 && header->e_type == ET_DYN && header->e_machine == EM_X86_64);
  ElfW(Phdr) *segments = (void *)(image + header->e_phoff);
  for (int i = 0; i < header->e_phnum; i++)
    if (segments[i].p_type == PT_DYNAMIC) dynamic = (void *)(image + segments[i].p_offset);
  vclock_gettime = lookup("__vdso_clock_gettime");
  vgettimeofday = lookup("__vdso_gettimeofday");
  vtime = lookup("__vdso_time");
  vgetcpu = lookup("__vdso_getcpu");
  vclock_getres = lookup("__vdso_clock_getres");
  dt_truth("all functions", vclock_gettime && vgettimeofday && vtime && vgetcpu && vclock_getres);
  maps();

  static const struct { const char *name; clockid_t clock; int64_t slack; } clocks[] = {
    {"CLOCK_REALTIME", CLOCK_REALTIME, 50000}, {"CLOCK_MONOTONIC", CLOCK_MONOTONIC, 50000},
    {"CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW, 50000}, {"CLOCK_BOOTTIME", CLOCK_BOOTTIME, 50000},
    {"CLOCK_TAI", CLOCK_TAI, 50000}, {"CLOCK_REALTIME_COARSE", CLOCK_REALTIME_COARSE, 20000000},
    {"CLOCK_MONOTONIC_COARSE", CLOCK_MONOTONIC_COARSE, 20000000},
    {"CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID, 5000000}};
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    char label[80];
    snprintf(label, sizeof label, "%s is the kernel's", clocks[i].name);
    dt_truth(label, close_to_kernel(clocks[i].clock, clocks[i].slack));
  }
  dt_truth("CLOCK_MONOTONIC runs forwards in all threads", monotone(CLOCK_MONOTONIC));
  dt_truth("CLOCK_REALTIME runs forwards in all threads", monotone(CLOCK_REALTIME));

  struct timeval tv = {0};
  struct timezone tz = {7, 7};
  SHOW(vgettimeofday(&tv, &tz));
  int64_t real = kernel_time(CLOCK_REALTIME);
  dt_truth("gettimeofday is now", llabs(real / 1000 - ((int64_t)tv.tv_sec * 1000000 + tv.tv_usec)) < 5000000);
  dt_truth("microseconds are normal", tv.tv_usec >= 0 && tv.tv_usec < 1000000);
  SHOW(tz.tz_minuteswest);
  SHOW(vgettimeofday(NULL, NULL));
  time_t stored = 0, returned = vtime(&stored);
  dt_truth("time stores what it returns", stored == returned);
  dt_truth("time is now", llabs(returned - real / 1000000000) <= 5);
  dt_truth("time(NULL)", llabs(vtime(NULL) - returned) <= 5);
  struct timespec res = {7, 7};
  SHOW(vclock_getres(CLOCK_MONOTONIC, &res));
  dt_truth("resolution 1 ns", res.tv_sec == 0 && res.tv_nsec == 1);
  SHOW(vclock_getres(CLOCK_REALTIME, NULL));
  SHOW(vclock_getres(99, &res));
  struct timespec t;
  SHOW(vclock_gettime(99, &t));
  SHOW(vclock_gettime(-77777777, &t));
  unsigned cpu = 9999, node = 9999;
  SHOW(vgetcpu(&cpu, &node, NULL));
  dt_truth("CPU in range", cpu < (unsigned)sysconf(_SC_NPROCESSORS_CONF));
  SHOW(node);
  SHOW(vgetcpu(NULL, NULL, NULL));
  dt_truth("cheaper than the system call", cheaper());
  return 0;
}
