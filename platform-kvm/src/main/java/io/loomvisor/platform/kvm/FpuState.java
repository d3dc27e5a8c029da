package io.loomvisor.platform.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.loomvisor.platform.kvm.host.Kvm;
import io.loomvisor.platform.kvm.host.KvmException;
import io.loomvisor.platform.kvm.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One task's extended state while no vCPU holds it, in standard XSAVE format (Intel SDM vol. 1,
 * 13.4):
 *
 * <pre>
 *   0 FCW 2, FSW 2, FTW 1, ..., 24 MXCSR 4, 28 MXCSR_MASK 4, 32 ST0..7, 160 XMM0..15
 * 512 XSTATE_BV 8, XCOMP_BV 8, reserved 48
 * 576 the other states at the offsets of CPUID.D
 * </pre>
 */
final class FpuState {
  private static final int FCW = 0;
  private static final int MXCSR = 24;
  private static final int HEADER = 512;
  private static final int HEADER_SIZE = 64;
  private static final short INITIAL_FCW = 0x37F;
  private static final int INITIAL_MXCSR = 0x1F80;

  /** MXCSR bits that every CPU with AVX has; others would be #GP. */
  private static final int MXCSR_BITS = 0xFFFF;

  private static final long X87_AND_SSE = 3;

  private final MemorySegment area = Arena.ofAuto().allocate(Kvm.XSAVE_SIZE, 64);
  private final long states;
  private final int size;

  /**
   * @param states XCR0
   * @param size bytes of an XSAVE area for them
   */
  FpuState(long states, int size) {
    this.states = states | X87_AND_SSE;
    this.size = size;
    reset();
  }

  void reset() {
    area.fill((byte) 0);
    area.set(JAVA_SHORT_UNALIGNED, FCW, INITIAL_FCW);
    area.set(JAVA_INT_UNALIGNED, MXCSR, INITIAL_MXCSR);
    area.set(JAVA_LONG_UNALIGNED, HEADER, X87_AND_SSE);
  }

  /** Takes the state out of a vCPU. */
  void save(int vcpuFd) {
    int r = Libc.ioctl(vcpuFd, Kvm.GET_XSAVE, area.address());
    if (r < 0) {
      throw new KvmException("KVM_GET_XSAVE", -r);
    }
  }

  /** Puts the state into a vCPU. */
  void load(int vcpuFd) {
    int r = Libc.ioctl(vcpuFd, Kvm.SET_XSAVE, area.address());
    if (r < 0) {
      throw new KvmException("KVM_SET_XSAVE", -r);
    }
  }

  /** Bytes of {@link #toBytes}. */
  int size() {
    return size;
  }

  byte[] toBytes() {
    byte[] bytes = new byte[size];
    MemorySegment.copy(area, JAVA_BYTE, 0, bytes, 0, size);
    return bytes;
  }

  /**
   * Any bytes are accepted: what the CPU would refuse is cleared. A short array leaves the rest
   * initial.
   */
  void fromBytes(byte[] bytes) {
    area.fill((byte) 0);
    int length = Math.min(bytes.length, size);
    MemorySegment.copy(bytes, 0, area, JAVA_BYTE, 0, length);
    area.set(JAVA_INT_UNALIGNED, MXCSR, area.get(JAVA_INT_UNALIGNED, MXCSR) & MXCSR_BITS);
    long present =
        length >= HEADER + HEADER_SIZE ? area.get(JAVA_LONG_UNALIGNED, HEADER) : X87_AND_SSE;
    area.asSlice(HEADER, HEADER_SIZE).fill((byte) 0);
    area.set(JAVA_LONG_UNALIGNED, HEADER, present & states);
  }
}
