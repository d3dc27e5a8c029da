package io.loomvisor.platform.kvm.host;

/** Numbers and structure layouts of linux/kvm.h for x86-64. Offsets are in bytes. */
public final class Kvm {
  public static final int API_VERSION = 12;

  // ioctls of /dev/kvm
  public static final long GET_API_VERSION = 0xAE00;
  public static final long CREATE_VM = 0xAE01;
  public static final long CHECK_EXTENSION = 0xAE03;
  public static final long GET_VCPU_MMAP_SIZE = 0xAE04;
  public static final long GET_SUPPORTED_CPUID = 0xC008_AE05L;

  // ioctls of a VM
  public static final long CREATE_VCPU = 0xAE41;
  public static final long SET_USER_MEMORY_REGION = 0x4020_AE46L;
  public static final long SET_TSS_ADDR = 0xAE47;
  public static final long SET_IDENTITY_MAP_ADDR = 0x4008_AE48L;

  // ioctls of a vCPU
  public static final long RUN = 0xAE80;
  public static final long GET_REGS = 0x8090_AE81L;
  public static final long GET_SREGS = 0x8138_AE83L;
  public static final long SET_SREGS = 0x4138_AE84L;
  public static final long GET_MSRS = 0xC008_AE88L;
  public static final long SET_MSRS = 0x4008_AE89L;
  public static final long SET_CPUID2 = 0x4008_AE90L;
  public static final long GET_TSC_KHZ = 0xAEA3;
  public static final long GET_XSAVE = 0x9000_AEA4L;
  public static final long SET_XSAVE = 0x5000_AEA5L;
  public static final long SET_XCRS = 0x4188_AEA7L;
  public static final long GET_VCPU_EVENTS = 0x8040_AE9FL;
  public static final long SET_VCPU_EVENTS = 0x4040_AEA0L;
  public static final long GET_DEVICE_ATTR = 0x4018_AEE2L;

  /** Group and attribute of a vCPU's TSC offset, u64: KVM_VCPU_TSC_CTRL, KVM_VCPU_TSC_OFFSET. */
  public static final int VCPU_TSC_CTRL = 0;

  public static final int VCPU_TSC_OFFSET = 0;

  // extensions
  public static final int CAP_USER_MEMORY = 3;
  public static final int CAP_XSAVE = 55;
  public static final int CAP_XCRS = 56;
  public static final int CAP_MAX_VCPUS = 66;
  public static final int CAP_SYNC_REGS = 74;
  public static final int CAP_IMMEDIATE_EXIT = 136;

  /** Bits of kvm_valid_regs and kvm_dirty_regs. */
  public static final long SYNC_REGS = 1;

  public static final long SYNC_SREGS = 2;

  // struct kvm_run
  public static final int RUN_IMMEDIATE_EXIT = 1;
  public static final int RUN_EXIT_REASON = 8;
  public static final int RUN_IO_DIRECTION = 32;
  public static final int RUN_IO_PORT = 34;
  public static final int RUN_INTERNAL_SUBERROR = 32;
  public static final int RUN_FAIL_ENTRY_REASON = 32;
  public static final int RUN_MMIO_ADDRESS = 32;
  public static final int RUN_VALID_REGS = 288;
  public static final int RUN_DIRTY_REGS = 296;
  public static final int RUN_REGS = 304;
  public static final int RUN_SREGS = 448;

  // exit reasons
  public static final int EXIT_IO = 2;
  public static final int EXIT_HLT = 5;
  public static final int EXIT_MMIO = 6;
  public static final int EXIT_SHUTDOWN = 8;
  public static final int EXIT_FAIL_ENTRY = 9;
  public static final int EXIT_INTR = 10;
  public static final int EXIT_INTERNAL_ERROR = 17;

  /** KVM_INTERNAL_ERROR_EMULATION: an instruction that KVM does not know how to emulate. */
  public static final int INTERNAL_ERROR_EMULATION = 1;

  // struct kvm_regs, in words of 64 bits
  public static final int RAX = 0;
  public static final int RBX = 1;
  public static final int RCX = 2;
  public static final int RDX = 3;
  public static final int RSI = 4;
  public static final int RDI = 5;
  public static final int RSP = 6;
  public static final int RBP = 7;
  public static final int R8 = 8;
  public static final int R9 = 9;
  public static final int R10 = 10;
  public static final int R11 = 11;
  public static final int R12 = 12;
  public static final int R13 = 13;
  public static final int R14 = 14;
  public static final int R15 = 15;
  public static final int RIP = 16;
  public static final int RFLAGS = 17;

  /** Words of struct kvm_regs. */
  public static final int REGS = 18;

  public static final int REGS_SIZE = 144;

  // struct kvm_sregs: cs ds es fs gs ss tr ldt gdt idt cr0 cr2 cr3 cr4 cr8 efer apic_base
  // interrupt_bitmap
  public static final int SEGMENT_SIZE = 24;
  public static final int CS = 0;
  public static final int DS = 24;
  public static final int ES = 48;
  public static final int FS = 72;
  public static final int GS = 96;
  public static final int SS = 120;
  public static final int TR = 144;
  public static final int GDT = 192;
  public static final int IDT = 208;
  public static final int CR0 = 224;
  public static final int CR2 = 232;
  public static final int CR3 = 240;
  public static final int CR4 = 248;
  public static final int EFER = 264;
  public static final int SREGS_SIZE = 312;

  // struct kvm_segment: base 8, limit 4, selector 2, type present dpl db s l g avl unusable
  // padding, 1 each
  public static final int SEGMENT_LIMIT = 8;
  public static final int SEGMENT_SELECTOR = 12;
  public static final int SEGMENT_TYPE = 14;
  public static final int SEGMENT_PRESENT = 15;
  public static final int SEGMENT_DPL = 16;
  public static final int SEGMENT_DB = 17;
  public static final int SEGMENT_S = 18;
  public static final int SEGMENT_L = 19;
  public static final int SEGMENT_G = 20;

  /** struct kvm_dtable: base 8, limit 2. */
  public static final int DTABLE_LIMIT = 8;

  /** struct kvm_xsave without the part for dynamic features. */
  public static final int XSAVE_SIZE = 4096;

  /**
   * struct kvm_vcpu_events; it begins with exception: injected 1, nr 1, has_error_code 1, pending
   * 1.
   */
  public static final int VCPU_EVENTS_SIZE = 64;

  public static final int EVENTS_INJECTED = 0;
  public static final int EVENTS_PENDING = 3;

  // MSRs
  public static final int MSR_TSC_AUX = 0xC000_0103;
  public static final int MSR_STAR = 0xC000_0081;
  public static final int MSR_LSTAR = 0xC000_0082;
  public static final int MSR_SYSCALL_MASK = 0xC000_0084;

  private Kvm() {}
}
