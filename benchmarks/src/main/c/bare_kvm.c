/*
 * The floor under a system call served by a KVM host: a guest loop "mov $110, %eax; syscall" and a host that does nothing
 * but set RAX and go back in. It finds out which entry this host has, as HostProbe.java does:
 *   ring 3   SYSCALL stays in ring 3: LSTAR's page is user-accessible, OUT is allowed there by the TSS's I/O bitmap
 *   ring 0   SYSCALL enters ring 0: OUT, then SYSRET
 * General registers come and go by KVM_CAP_SYNC_REGS, nothing else does.
 *
 * Reads "COUNT\n" and answers "NANOSECONDS\n" for that many round trips, until end of file: so that it can take turns
 * with what it is compared with. First it says which entry it uses.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define KERNEL 0xffffffff80000000ull /* address of guest-physical 0 */
#define MEMORY (4ul << 20)
#define P_PML4 0x1000
#define P_PDPT_USER 0x2000
#define P_PD_USER 0x3000
#define P_PT_USER 0x4000
#define P_PDPT_KERNEL 0x5000
#define P_PD_KERNEL 0x6000
#define P_PT_KERNEL 0x7000
#define P_GDT 0x8000
#define P_IDT 0x9000
#define P_TSS 0xa000
#define P_ENTRY 0xb000
#define P_STUB 0xc000
#define P_STACK_TOP 0xe000
#define P_CODE 0x10000
#define V_CODE 0x400000ull
#define PORT_SYSCALL 0xf0
#define PORT_FAULT 0xf1
#define USER_CS 0x33
#define USER_SS 0x2b
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_MASK 0xc0000084

static uint8_t *memory;
static int kvm, vcpu;
static struct kvm_run *run;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int check(int result, const char *what) {
  if (result < 0) die(what);
  return result;
}

static void word(uint64_t at, uint64_t value) { memcpy(memory + at, &value, 8); }

static void tables(int entry_in_ring3) {
  uint64_t user = 7, path = entry_in_ring3 ? 7 : 3;
  word(P_PML4, P_PDPT_USER | user);
  word(P_PDPT_USER, P_PD_USER | user);
  word(P_PD_USER + 8 * (V_CODE >> 21), P_PT_USER | user);
  word(P_PT_USER, P_CODE | 0x67);
  word(P_PML4 + 8 * 511, P_PDPT_KERNEL | path);
  word(P_PDPT_KERNEL + 8 * 510, P_PD_KERNEL | path);
  word(P_PD_KERNEL, P_PT_KERNEL | path);
  for (uint64_t page = 1; page < 16; page++)
    word(P_PT_KERNEL + 8 * page, page << 12 | 0x63 | (page << 12 == P_ENTRY && entry_in_ring3 ? 4 : 0));
}

static void descriptors(void) {
  word(P_GDT + 16, 0x00af9b000000ffffull);
  word(P_GDT + 24, 0x00cf93000000ffffull);
  word(P_GDT + 40, 0x00cff3000000ffffull);
  word(P_GDT + 48, 0x00affb000000ffffull);
  uint64_t stub = KERNEL + P_STUB;
  for (int vector = 0; vector < 32; vector++) {
    word(P_IDT + vector * 16, (stub & 0xffff) | 0x10 << 16 | 0x8eull << 40 | (stub >> 16 & 0xffff) << 48);
    word(P_IDT + vector * 16 + 8, stub >> 32);
  }
  word(P_TSS + 4, KERNEL + P_STACK_TOP);
  uint16_t bitmap = 104;
  memcpy(memory + P_TSS + 102, &bitmap, 2);
  memset(memory + P_TSS + 104, 0xff, 33);
}

static struct kvm_segment segment(int selector, int type, int code) {
  return (struct kvm_segment){.limit = 0xffffffff, .selector = selector, .type = type, .present = 1, .dpl = 3,
                              .db = !code, .s = 1, .l = code, .g = 1};
}

static void registers(void) {
  struct kvm_sregs s;
  check(ioctl(vcpu, KVM_GET_SREGS, &s), "KVM_GET_SREGS");
  s.cr0 = 0x80050033;
  s.cr3 = P_PML4;
  s.cr4 = 0x6a0;
  s.efer = 0xd01;
  s.cs = segment(USER_CS, 11, 1);
  s.ss = s.ds = s.es = segment(USER_SS, 3, 0);
  s.fs = s.gs = segment(0, 3, 0);
  s.tr = (struct kvm_segment){.base = KERNEL + P_TSS, .limit = 136, .selector = 0x40, .type = 11, .present = 1};
  s.gdt = (struct kvm_dtable){.base = KERNEL + P_GDT, .limit = 79};
  s.idt = (struct kvm_dtable){.base = KERNEL + P_IDT, .limit = 511};
  check(ioctl(vcpu, KVM_SET_SREGS, &s), "KVM_SET_SREGS");
  struct {
    struct kvm_msrs head;
    struct kvm_msr_entry entry[3];
  } m = {.head.nmsrs = 3,
         .entry = {{.index = MSR_STAR, .data = 0x23ull << 48 | 0x10ull << 32},
                   {.index = MSR_LSTAR, .data = KERNEL + P_ENTRY},
                   {.index = MSR_MASK, .data = 0x47700}}};
  if (check(ioctl(vcpu, KVM_SET_MSRS, &m), "KVM_SET_MSRS") != 3) die("KVM_SET_MSRS refused one");
  struct kvm_regs r = {.rip = V_CODE, .rflags = 0x202};
  check(ioctl(vcpu, KVM_SET_REGS, &r), "KVM_SET_REGS");
}

static void machine(int entry_in_ring3) {
  int vm = check(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
  memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct kvm_userspace_memory_region region = {.memory_size = MEMORY, .userspace_addr = (uint64_t)memory};
  check(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
  vcpu = check(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
  run = mmap(NULL, check(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "size"), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
  static struct {
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 entry[256];
  } cpuid = {.head.nent = 256};
  check(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid), "KVM_GET_SUPPORTED_CPUID");
  check(ioctl(vcpu, KVM_SET_CPUID2, &cpuid), "KVM_SET_CPUID2");
  tables(entry_in_ring3);
  descriptors();
  if (entry_in_ring3) memory[P_TSS + 104 + PORT_SYSCALL / 8] &= ~(1 << PORT_SYSCALL % 8);
  static const uint8_t entry[] = {0xe6, PORT_SYSCALL, 0x48, 0x0f, 0x07}; /* out %al, $PORT; sysretq */
  static const uint8_t stub[] = {0xe6, PORT_FAULT, 0xf4};
  static const uint8_t code[] = {0xb8, 110, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7}; /* 1: mov $110, %eax; syscall; jmp 1b */
  memcpy(memory + P_ENTRY, entry, sizeof entry);
  memcpy(memory + P_STUB, stub, sizeof stub);
  memcpy(memory + P_CODE, code, sizeof code);
  registers();
  run->kvm_valid_regs = KVM_SYNC_X86_REGS;
}

/* The port of the next exit. */
static int enter(void) {
  check(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
  if (run->exit_reason != KVM_EXIT_IO) {
    fprintf(stderr, "bare_kvm: exit reason %u at %llx\n", run->exit_reason, run->s.regs.regs.rip);
    exit(1);
  }
  return run->io.port;
}

int main(void) {
  kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (kvm < 0) die("/dev/kvm");
  machine(0);
  int ring3 = enter() != PORT_SYSCALL; /* fetching the supervisor-only entry in ring 3 was a page fault */
  machine(ring3);
  if (enter() != PORT_SYSCALL) die("no system call");
  printf("entry in ring %d\n", ring3 ? 3 : 0);
  fflush(stdout);
  long count;
  while (scanf("%ld", &count) == 1) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (long i = 0; i < count; i++) {
      struct kvm_regs *r = &run->s.regs.regs;
      r->rax = 7;
      if (ring3) r->rip = r->rcx;
      run->kvm_dirty_regs = KVM_SYNC_X86_REGS;
      if (enter() != PORT_SYSCALL) die("no system call");
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%lld\n", (long long)(b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec);
    fflush(stdout);
  }
  return 0;
}
