package io.loomvisor.platform.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.host.KvmException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks CPUID in the guest, because that is what applications see: on some hosts KVM's own table
 * does not decide.
 */
final class GuestCpu {
  /**
   * For each of RSI requests at RDI of 16 bytes, EAX and ECX, writes EAX, EBX, ECX, EDX in its
   * place: mov (%rdi), %eax; mov 4(%rdi), %ecx; cpuid; mov %eax, (%rdi); mov %ebx, 4(%rdi); mov
   * %ecx, 8(%rdi); mov %edx, 12(%rdi); add $16, %rdi; dec %esi; jnz to the begin; syscall. One run
   * for all leaves, as each costs a start 0.2 ms.
   */
  private static final int[] CPUID = {
    0x8B, 0x07, 0x8B, 0x4F, 0x04, 0x0F, 0xA2, 0x89, 0x07, 0x89, 0x5F, 0x04, 0x89, 0x4F, 0x08, 0x89,
    0x57, 0x0C, 0x48, 0x83, 0xC7, 0x10, 0xFF, 0xCE, 0x75, 0xE6, 0x0F, 0x05
  };

  private static final int ENTRY_SIZE = 16;
  private static final int BRAND = 0x8000_0002;
  private static final int BRAND_END = 0x8000_0004;

  /** wrfsbase %rdi; syscall */
  private static final int[] WRITE_FS_BASE = {0xF3, 0x48, 0x0F, 0xAE, 0xD7, 0x0F, 0x05};

  /** HWCAP2_FSGSBASE (arch/x86/include/uapi/asm/hwcap2.h). */
  private static final int HWCAP2_FSGSBASE = 1 << 1;

  /** Result of CPUID. */
  record Leaf(int eax, int ebx, int ecx, int edx) {}

  private final GuestProgram guest;
  private final VCpu vcpu;

  private GuestCpu(GuestProgram guest) {
    this.guest = guest;
    this.vcpu = guest.firstVcpu();
  }

  static CpuFeatures features(GuestProgram guest, long xcr0) {
    return new GuestCpu(guest).read(xcr0);
  }

  /** Function and index, one after the other, of each. */
  private List<Leaf> leaves(int... requests) {
    MemorySegment data = guest.data();
    for (int i = 0; i < requests.length; i += 2) {
      data.set(JAVA_INT, i / 2 * ENTRY_SIZE, requests[i]);
      data.set(JAVA_INT, i / 2 * ENTRY_SIZE + 4, requests[i + 1]);
    }
    Registers r = new Registers();
    r.rdi = GuestProgram.DATA;
    r.rsi = requests.length / 2;
    if (!(guest.run(vcpu, r, CPUID) instanceof Exit.Syscall)) {
      throw new KvmException("CPUID does not work in the guest");
    }
    List<Leaf> leaves = new ArrayList<>();
    for (int at = 0; at < requests.length / 2 * ENTRY_SIZE; at += ENTRY_SIZE) {
      leaves.add(
          new Leaf(
              data.get(JAVA_INT, at),
              data.get(JAVA_INT, at + 4),
              data.get(JAVA_INT, at + 8),
              data.get(JAVA_INT, at + 12)));
    }
    return leaves;
  }

  private CpuFeatures read(long xcr0) {
    // What a CPU answers for a leaf beyond its highest means nothing; it is not looked at.
    List<Leaf> leaves =
        leaves(
            0,
            0,
            1,
            0,
            7,
            0,
            0xD,
            0,
            0xD,
            1,
            0x8000_0000,
            0,
            0x8000_0001,
            0,
            BRAND,
            0,
            BRAND + 1,
            0,
            BRAND_END,
            0);
    Leaf none = new Leaf(0, 0, 0, 0);
    Leaf zero = leaves.get(0);
    Leaf one = leaves.get(1);
    int most = zero.eax;
    Leaf seven = most >= 7 ? leaves.get(2) : none;
    Leaf xsave = most >= 0xD ? leaves.get(3) : none;
    Leaf xsave1 = most >= 0xD ? leaves.get(4) : none;
    int mostExtended = leaves.get(5).eax;
    boolean extended = mostExtended < 0 && mostExtended >= 0x8000_0001;
    Leaf ext = extended ? leaves.get(6) : none;
    boolean hasXsave = (one.ecx & 1 << 26) != 0 && xsave.eax != 0;
    long states = hasXsave ? xsave.eax & 0xFFFF_FFFFL & xcr0 : 3;
    int base = one.eax >>> 8 & 15;
    int family = base == 15 ? base + (one.eax >>> 20 & 255) : base;
    int model = one.eax >>> 4 & 15 | (base == 6 || base == 15 ? (one.eax >>> 16 & 15) << 4 : 0);
    return new CpuFeatures(
        one.edx,
        (seven.ebx & 1) != 0 && fsBaseIsKept() ? HWCAP2_FSGSBASE : 0,
        states,
        hasXsave ? xsave.ebx : 512,
        text(zero.ebx, zero.edx, zero.ecx),
        brand(mostExtended, leaves.subList(7, 10)),
        CpuFlags.names(one, seven, xsave1, ext),
        family,
        model,
        one.eax & 15);
  }

  /**
   * Whether applications may write FS and GS bases themselves, and the exits carry what they wrote.
   */
  private boolean fsBaseIsKept() {
    Registers r = new Registers();
    r.rdi = GuestProgram.DATA;
    return guest.run(vcpu, r, WRITE_FS_BASE) instanceof Exit.Syscall
        && r.fsBase == GuestProgram.DATA;
  }

  private static String brand(int mostExtended, List<Leaf> leaves) {
    if (mostExtended >= 0 || mostExtended < BRAND_END) {
      return "unknown";
    }
    StringBuilder brand = new StringBuilder();
    for (Leaf l : leaves) {
      brand.append(text(l.eax, l.ebx, l.ecx, l.edx));
    }
    String trimmed = brand.toString().replace("\0", "").strip();
    return trimmed.isEmpty() ? "unknown" : trimmed;
  }

  private static String text(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      bytes.putInt(word);
    }
    return new String(bytes.array(), StandardCharsets.ISO_8859_1);
  }
}
