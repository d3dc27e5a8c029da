package io.loomvisor.platform.kvm;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.host.KvmException;
import io.loomvisor.platform.kvm.ring0.Layout;

/**
 * Finds out which kind of host this is by running a tiny guest; names of modules or CPUs play no
 * part.
 */
final class HostProbe {
  private static final long MEMORY = 8 << 20;

  /** syscall */
  private static final int[] SYSCALL = {0x0F, 0x05};

  /** mov (%rdi), %rax; syscall */
  private static final int[] LOAD = {0x48, 0x8B, 0x07, 0x0F, 0x05};

  private HostProbe() {}

  static HostKind probe(int kvmFd, CpuidTable cpuid) {
    Machine machine = new Machine(kvmFd, cpuid, MEMORY, 1, HostKind.UNKNOWN, false);
    try (GuestProgram guest = new GuestProgram(machine)) {
      return new HostKind(
          entersInRing3(guest),
          missesHostStores(machine, guest),
          rebindingIsSlow(System.getProperty("os.version")));
    } finally {
      // Nobody waits for the end of the machine: closing a VM takes the host's kernel a grace
      // period or two (kvm_destroy_vm), 4 ms in which the next can begin.
      Thread.ofPlatform().daemon().name("probe-end").start(machine::close);
    }
  }

  /**
   * The entry page is supervisor-only here. By the manual SYSCALL enters ring 0 and runs it; if the
   * CPU stays in ring 3, fetching from it is a page fault.
   */
  private static boolean entersInRing3(GuestProgram guest) {
    Exit exit = guest.run(guest.firstVcpu(), new Registers(), SYSCALL);
    if (!madeSyscall(exit)) {
      throw unexpected(exit);
    }
    return exit instanceof Exit.PageFault;
  }

  /** The guest came to its SYSCALL instruction, wherever that led to. */
  private static boolean madeSyscall(Exit exit) {
    return exit instanceof Exit.Syscall
        || exit instanceof Exit.PageFault fault
            && fault.address() == Layout.entry(0)
            && fault.execute();
  }

  private static KvmException unexpected(Exit exit) {
    return new KvmException("SYSCALL in the probe guest led to " + exit);
  }

  /**
   * Takes a page away by a store of the host only, then changes CR3 to another root and back.
   * Nested paging must see it; shadow paging goes on with what it remembers.
   */
  private static boolean missesHostStores(Machine machine, GuestProgram guest) {
    VCpu vcpu = guest.firstVcpu();
    Registers r = new Registers();
    r.rdi = GuestProgram.DATA;
    expectSyscall(guest.run(vcpu, r, LOAD));
    guest.space().unmap(GuestProgram.DATA, 4096);
    try (GuestProgram other = new GuestProgram(machine)) {
      expectSyscall(other.run(vcpu, new Registers(), SYSCALL));
    }
    r.rdi = GuestProgram.DATA;
    Exit exit = guest.run(vcpu, r, LOAD);
    guest.space().map(GuestProgram.DATA, guest.dataFrame(), 1, AddressSpace.READ);
    return madeSyscall(exit);
  }

  /**
   * Linux 6.13 replaced the RCU grace period by a lock ("KVM: Protect vCPU's last run PID with
   * rwlock, not RCU").
   */
  static boolean rebindingIsSlow(String release) {
    int dot = digits(release, 0);
    if (dot == 0 || dot == release.length() || release.charAt(dot) != '.') {
      return true;
    }
    int end = digits(release, dot + 1);
    return end == dot + 1
        || Integer.parseInt(release, 0, dot, 10) * 1000
                + Integer.parseInt(release, dot + 1, end, 10)
            < 6013;
  }

  /** Where the digits that begin at {@code from} end. */
  private static int digits(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static void expectSyscall(Exit exit) {
    if (!madeSyscall(exit)) {
      throw unexpected(exit);
    }
  }
}
