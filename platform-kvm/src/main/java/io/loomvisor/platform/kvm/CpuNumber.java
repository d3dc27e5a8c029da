package io.loomvisor.platform.kvm;

import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What RDTSCP tells applications of the CPU they are on. */
final class CpuNumber {
  /** Whose number it is. */
  enum Source {
    /** Nobody's that an application could take for a CPU. */
    NONE,
    /** The host's CPU. */
    HOST,
    /** What the vCPU has been told. */
    VCPU
  }

  /** rdtscp; mov %rcx, %rbx; syscall */
  private static final int[] READ = {0x0F, 0x01, 0xF9, 0x48, 0x89, 0xCB, 0x0F, 0x05};

  /** No CPU's number: what TSC_AUX is set to for the probe. */
  private static final int PROBE = 0xFED;

  private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

  private CpuNumber() {}

  /**
   * Sets each vCPU's TSC_AUX to its number, which the guest then reads; or it reads the host's
   * TSC_AUX instead, in which Linux keeps the number of the host's CPU, and that is of use if the
   * host has no CPU with a number that no vCPU has.
   */
  static Source arrange(GuestProgram guest, List<VCpu> vcpus, boolean rdtscp) {
    if (!rdtscp) {
      return Source.NONE;
    }
    VCpu first = vcpus.getFirst();
    boolean settable = VCpuSetup.setTscAux(first, PROBE) && read(guest, first) == PROBE;
    for (VCpu vcpu : vcpus) {
      settable &= VCpuSetup.setTscAux(vcpu, vcpu.index());
    }
    if (settable) {
      return Source.VCPU;
    }
    boolean within = read(guest, first) < vcpus.size() && hostCpus() <= vcpus.size();
    return within ? Source.HOST : Source.NONE;
  }

  private static long read(GuestProgram guest, VCpu vcpu) {
    Registers r = new Registers();
    return guest.run(vcpu, r, READ) instanceof Exit.Syscall ? r.rbx & 0xFFF : Long.MAX_VALUE;
  }

  /** One more than the highest number that a CPU of the host can have. */
  private static int hostCpus() {
    try {
      String[] numbers = Files.readString(POSSIBLE).trim().split("[-,]");
      return 1 + Integer.parseInt(numbers[numbers.length - 1]);
    } catch (IOException | NumberFormatException _) {
      return Integer.MAX_VALUE;
    }
  }
}
