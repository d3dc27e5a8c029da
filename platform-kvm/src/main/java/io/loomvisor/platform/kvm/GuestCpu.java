package io.loomvisor.platform.kvm;

import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.host.KvmException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Asks CPUID in the guest, because that is what applications see: on some hosts KVM's own table
 * does not decide.
 */
final class GuestCpu {
  /** cpuid; syscall. SYSCALL destroys RCX, so it is saved in RSI. */
  private static final int[] CPUID = {0x0F, 0xA2, 0x48, 0x89, 0xCE, 0x0F, 0x05};

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

  Leaf leaf(int function, int index) {
    Registers r = new Registers();
    r.rax = function;
    r.rcx = index;
    if (!(guest.run(vcpu, r, CPUID) instanceof Exit.Syscall)) {
      throw new KvmException("CPUID does not work in the guest");
    }
    return new Leaf((int) r.rax, (int) r.rbx, (int) r.rsi, (int) r.rdx);
  }

  private CpuFeatures read(long xcr0) {
    Leaf zero = leaf(0, 0);
    Leaf one = leaf(1, 0);
    int most = zero.eax;
    Leaf seven = most >= 7 ? leaf(7, 0) : new Leaf(0, 0, 0, 0);
    Leaf xsave = most >= 0xD ? leaf(0xD, 0) : new Leaf(0, 0, 0, 0);
    Leaf xsave1 = most >= 0xD ? leaf(0xD, 1) : new Leaf(0, 0, 0, 0);
    int mostExtended = leaf(0x8000_0000, 0).eax;
    boolean extended = mostExtended < 0 && mostExtended >= 0x8000_0001;
    Leaf ext = extended ? leaf(0x8000_0001, 0) : new Leaf(0, 0, 0, 0);
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
        brand(mostExtended),
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

  private String brand(int mostExtended) {
    if (mostExtended >= 0 || mostExtended < 0x8000_0004) {
      return "unknown";
    }
    StringBuilder brand = new StringBuilder();
    for (int f = 0x8000_0002; f <= 0x8000_0004; f++) {
      Leaf l = leaf(f, 0);
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
