package io.loomvisor.platform.kvm;

import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.TscClock;
import io.loomvisor.platform.kvm.host.HostTsc;
import io.loomvisor.platform.kvm.host.Kvm;
import io.loomvisor.platform.kvm.host.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out by how much the guest's time-stamp counter is ahead of the host's, and whether it can
 * be trusted.
 *
 * <p>A guest that reads its counter between two readings of the host's bounds the difference from
 * both sides; every vCPU does so a few times, and one constant must satisfy all of them. KVM tells
 * the constant that it uses (Linux 5.16 and later), but there are hosts where the guest sees the
 * host's counter whatever KVM believes: so what the guest reads decides.
 */
final class TscCalibration {
  private static final Logger LOG = LoggerFactory.getLogger(TscCalibration.class);

  /**
   * The host's kernel takes the counter off this list when it finds it unstable or out of step
   * between CPUs.
   */
  private static final Path CLOCK_SOURCES =
      Path.of("/sys/devices/system/clocksource/clocksource0/available_clocksource");

  /** rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, %rbx; syscall */
  private static final int[] READ = {
    0x0F, 0x31, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0x48, 0x89, 0xC3, 0x0F, 0x05
  };

  private static final int ROUNDS = 3;

  /** A difference that is only known from its bounds must be known to 1/50,000 s. */
  private static final long PRECISION = 50_000;

  private TscCalibration() {}

  /** Null if the counter cannot be trusted, with the reason in the log. */
  static TscClock calibrate(GuestProgram guest, List<VCpu> vcpus) {
    HostTsc host = HostTsc.create();
    long rate = 1000L * vcpus.getFirst().tscKhz();
    if (host == null || rate <= 0 || !hostTrustsIt()) {
      LOG.info(
          "the time-stamp counter is not used: {}",
          host == null ? "not readable" : "the host does not trust it");
      return null;
    }
    Bounds bounds = measure(guest, vcpus, host);
    Long offset = bounds == null ? null : bounds.pick(vcpus, rate);
    if (offset == null) {
      LOG.info("the time-stamp counter is not used: the vCPUs do not agree on it, {}", bounds);
      return null;
    }
    LOG.debug("time-stamp counter: {} Hz, {} ticks ahead of the host's", rate, offset);
    return new OffsetClock(host, offset, rate);
  }

  private static boolean hostTrustsIt() {
    try {
      return List.of(Files.readString(CLOCK_SOURCES).trim().split(" ")).contains("tsc");
    } catch (IOException e) {
      LOG.debug("no list of clock sources", e);
      return false;
    }
  }

  private static Bounds measure(GuestProgram guest, List<VCpu> vcpus, HostTsc host) {
    Bounds bounds = new Bounds(Long.MIN_VALUE, Long.MAX_VALUE);
    for (int round = 0; round < ROUNDS; round++) {
      for (VCpu vcpu : vcpus) {
        Registers r = new Registers();
        long before = host.read();
        Exit exit = guest.run(vcpu, r, READ);
        long after = host.read();
        if (!(exit instanceof Exit.Syscall)) {
          return null;
        }
        bounds = bounds.and(r.rbx - after, r.rbx - before);
      }
    }
    return bounds;
  }

  /** What the difference between the guest's and the host's counter lies between, ticks. */
  record Bounds(long low, long high) {
    Bounds and(long otherLow, long otherHigh) {
      return new Bounds(Math.max(low, otherLow), Math.min(high, otherHigh));
    }

    /** Null if no constant fits, or none can be told with enough precision. */
    Long pick(List<VCpu> vcpus, long rate) {
      if (low > high) {
        return null;
      }
      if (contains(0)) {
        return 0L;
      }
      Long told = toldByAll(vcpus);
      if (told != null && contains(told)) {
        return told;
      }
      return high - low <= rate / PRECISION ? Long.valueOf(low + (high - low) / 2) : null;
    }

    private boolean contains(long offset) {
      return low <= offset && offset <= high;
    }

    private static Long toldByAll(List<VCpu> vcpus) {
      Long first = vcpus.getFirst().tscOffset();
      return vcpus.stream().allMatch(v -> first != null && first.equals(v.tscOffset()))
          ? first
          : null;
    }
  }

  private record OffsetClock(HostTsc host, long offset, long ticksPerSecond) implements TscClock {
    @Override
    public long read() {
      return host.read() + offset;
    }
  }

  /** KVM_VCPU_TSC_OFFSET, null if this KVM does not tell. */
  static Long kvmOffset(int vcpuFd) {
    try (Arena arena = Arena.ofConfined()) {
      // struct kvm_device_attr: flags 4, group 4, attr 8, addr 8
      MemorySegment attribute = arena.allocate(24, 8);
      MemorySegment value = arena.allocate(8, 8);
      attribute.set(ValueLayout.JAVA_INT, 4, Kvm.VCPU_TSC_CTRL);
      attribute.set(ValueLayout.JAVA_LONG, 8, Kvm.VCPU_TSC_OFFSET);
      attribute.set(ValueLayout.JAVA_LONG, 16, value.address());
      int r = Libc.ioctl(vcpuFd, Kvm.GET_DEVICE_ATTR, attribute.address());
      return r < 0 ? null : Long.valueOf(value.get(ValueLayout.JAVA_LONG, 0));
    }
  }
}
