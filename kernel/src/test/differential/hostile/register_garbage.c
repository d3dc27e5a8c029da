/* Odd states of the processor around a syscall: flags, segment registers, a null or wild stack pointer, single steps. */
#include "difftest.h"
#include <asm/prctl.h>
#include <ucontext.h>

static volatile int steps;
static void on_trap(int sig, siginfo_t *info, void *context) {
  (void)sig;
  (void)info;
  if (++steps > 40) ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~0x100L;
}

static void wild_stack(void) {
  __asm__ volatile("mov $0xffff800000000000, %%rsp; mov $39, %%eax; syscall; push %%rax" ::: "rax", "rcx", "r11", "memory");
}
static void null_stack(void) { __asm__ volatile("xor %%esp, %%esp; push %%rax" ::: "memory"); }
static void stack_in_signal(void) {
  signal(SIGUSR1, SIG_DFL);
  struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &sa, NULL);
  long pid = getpid();
  __asm__ volatile("mov %0, %%rdi; mov $10, %%esi; mov $62, %%eax; xor %%esp, %%esp; syscall" ::"r"(pid)
                   : "rax", "rcx", "r11", "rdi", "rsi", "memory");
}
static void jump_to_kernel(void) { ((void (*)(void))0xffffffff81000000)(); }
static void jump_to_noncanonical(void) { ((void (*)(void))0x800000000000)(); }
static void privileged(void) { __asm__ volatile("hlt"); }
static void port(void) { __asm__ volatile("outb %al, $0x80"); }
static void bad_sigreturn(void) { raw0(SYS_rt_sigreturn); }
static void load_segment(void) { __asm__ volatile("mov %0, %%ds" ::"r"(0x10)); }

int main(void) {
  dt_start(30);
  long before, after;
  __asm__ volatile("std; mov $39, %%eax; syscall; pushfq; pop %0; cld" : "=r"(after)::"rax", "rcx", "r11", "memory");
  IS_AS("direction flag kept", (after & 0x400) != 0);
  __asm__ volatile("stc; mov $39, %%eax; syscall; pushfq; pop %0" : "=r"(before)::"rax", "rcx", "r11", "memory");
  IS_AS("carry kept", (before & 1) != 0);
  long rcx, r11, flags;
  __asm__ volatile("mov $39, %%eax; syscall; 1: mov %%rcx, %0; mov %%r11, %1; lea 1b(%%rip), %%rcx; sub %%rcx, %0; pushfq; pop %2"
                   : "=&r"(rcx), "=&r"(r11), "=&r"(flags)::"rax", "rcx", "r11", "memory");
  IS_AS("rcx is the return address", rcx == 0);
  IS_AS("r11 is the flags", ((r11 ^ flags) & ~0x8d5L) == 0);
  struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &sa, NULL);
  __asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq" ::: "memory", "cc");
  for (volatile int i = 0; i < 100; i++) {}
  getppid();
  IS_AS("single steps", steps > 40);
  dt_in_child("wild stack", wild_stack);
  dt_in_child("null stack", null_stack);
  dt_in_child("signal on a null stack", stack_in_signal);
  dt_in_child("jump to the kernel", jump_to_kernel);
  dt_in_child("jump to a non-canonical address", jump_to_noncanonical);
  dt_in_child("privileged instruction", privileged);
  dt_in_child("port", port);
  dt_in_child("sigreturn of garbage", bad_sigreturn);
  dt_in_child("kernel data segment", load_segment);
  RAW_AS("fs base in the kernel", raw2(SYS_arch_prctl, ARCH_SET_GS, 0xffff800000000000));
  RAW_AS("fs base non-canonical", raw2(SYS_arch_prctl, ARCH_SET_GS, 0x800000000000));
  return 0;
}
