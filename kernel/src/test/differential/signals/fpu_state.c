/* x87, SSE and AVX registers and MXCSR survive signal handlers, forks, syscalls and preemption. */
#include "difftest.h"
#include <fenv.h>
#include <immintrin.h>

static volatile int handled;
static void clobber(int sig) {
  (void)sig;
  handled++;
  __asm__ volatile("vzeroall; vpcmpeqd %%xmm0, %%xmm0, %%xmm0; movaps %%xmm0, %%xmm15; fninit; fld1; fldpi"
                   ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                   "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "st", "st(1)");
  unsigned mxcsr = 0x1f80 | 0x6000;
  __asm__ volatile("ldmxcsr %0" :: "m"(mxcsr));
}

static unsigned char seen[64] __attribute__((aligned(32)));
static unsigned seen_mxcsr;
static unsigned short seen_control;
/* What a handler begins with, asked before the compiler's code can change it. */
__attribute__((target("avx"))) static void observe(int sig) {
  (void)sig;
  __asm__ volatile("vmovaps %%ymm15, (%0); vmovaps %%ymm8, 32(%0); stmxcsr %1; fnstcw %2"
                   :: "r"(seen), "m"(seen_mxcsr), "m"(seen_control) : "memory");
}

__attribute__((target("avx"), noinline)) static int keeps(long nr, long a, long b) {
  unsigned char in[512] __attribute__((aligned(32))), out[512] __attribute__((aligned(32)));
  for (int i = 0; i < 512; i++) in[i] = (unsigned char)(i * 7 + 3);
  memset(out, 0, sizeof out);
  long ret;
  __asm__ volatile(
    "vmovaps 0(%[in]), %%ymm0; vmovaps 32(%[in]), %%ymm1; vmovaps 224(%[in]), %%ymm7\n"
    "vmovaps 256(%[in]), %%ymm8; vmovaps 480(%[in]), %%ymm15\n"
    "mov %[nr], %%rax; syscall; mov %%rax, %[ret]\n"
    "vmovaps %%ymm0, 0(%[out]); vmovaps %%ymm1, 32(%[out]); vmovaps %%ymm7, 224(%[out])\n"
    "vmovaps %%ymm8, 256(%[out]); vmovaps %%ymm15, 480(%[out])\n"
    : [ret] "=r"(ret) : [nr] "r"(nr), "D"(a), "S"(b), [in] "r"(in), [out] "r"(out)
    : "rax", "rcx", "r11", "memory", "xmm0", "xmm1", "xmm7", "xmm8", "xmm15");
  (void)ret;
  return !memcmp(in, out, 64) && !memcmp(in + 224, out + 224, 64) && !memcmp(in + 480, out + 480, 32);
}

__attribute__((target("avx"), noinline)) static int keeps_spinning(void) {
  unsigned char in[32] __attribute__((aligned(32))), out[32] __attribute__((aligned(32)));
  for (int i = 0; i < 32; i++) in[i] = (unsigned char)(200 - i);
  int before = handled;
  __asm__ volatile(
    "vmovaps (%[in]), %%ymm9\n"
    "1: pause; mov %[handled], %%eax; cmp %[limit], %%eax; jl 1b\n"
    "vmovaps %%ymm9, (%[out])\n"
    :: [in] "r"(in), [out] "r"(out), [handled] "m"(handled), [limit] "r"(before + 3)
    : "rax", "memory", "xmm9", "cc");
  return !memcmp(in, out, 32);
}

int main(void) {
  dt_start(20);
  if (!__builtin_cpu_supports("avx")) {
    printf("no AVX\n");
    return 0;
  }
  signal(SIGUSR1, clobber);
  signal(SIGVTALRM, clobber);
  IS(keeps(SYS_getppid, 0, 0));
  IS(keeps(SYS_kill, getpid(), SIGUSR1));
  printf("handled %d\n", handled);
  IS(keeps(SYS_sched_yield, 0, 0));
  signal(SIGUSR2, observe);
  fesetround(FE_UPWARD);
  IS(keeps(SYS_kill, getpid(), SIGUSR2));
  static const unsigned char none[64];
  IS(!memcmp(seen, none, sizeof none));
  printf("in the handler: MXCSR %x, control word %x; afterwards %d\n", seen_mxcsr, seen_control, fegetround() == FE_UPWARD);
  fesetround(FE_TONEAREST);
  struct itimerval tick = {{0, 3000}, {0, 3000}};
  setitimer(ITIMER_VIRTUAL, &tick, NULL);
  IS(keeps_spinning());
  memset(&tick, 0, sizeof tick);
  setitimer(ITIMER_VIRTUAL, &tick, NULL);
  fesetround(FE_TOWARDZERO);
  feclearexcept(FE_ALL_EXCEPT);
  raise(SIGUSR1);
  IS(fegetround() == FE_TOWARDZERO);
  pid_t pid = fork();
  if (pid == 0) _exit(fegetround() == FE_TOWARDZERO ? 1 : 2);
  dt_reap("rounding in the child", pid);
  fesetround(FE_TONEAREST);
  long double third = 1.0L / 3.0L;
  volatile long double kept = third;
  raise(SIGUSR1);
  IS(kept == third);
  feenableexcept(FE_DIVBYZERO);
  dt_catch_faults();
  volatile double zero = 0, result = 0;
  if (sigsetjmp(dt_fault_env, 1) == 0) result = 1 / zero;
  else printf("unmasked: %s\n", dt_fault_text());
  (void)result;
  if (fork() == 0) {
    unsigned cw = 0;
    __asm__ volatile("stmxcsr %0" : "=m"(cw));
    char *argv[] = {"true", NULL};
    execv("/bin/true", argv);
  }
  int status;
  wait(&status);
  dt_status("exec with odd FPU state", status);
  return 0;
}
