package io.loomvisor.platform.kvm;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import java.lang.foreign.ValueLayout;

/** Prints what one system call round trip costs. Arguments: [count]. */
public final class RoundTrip {
  private static final long CODE = 0x40_0000;

  private RoundTrip() {}

  public static void main(String[] args) {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 20_000;
    try (KvmPlatform platform = KvmPlatform.create(KvmOptions.DEFAULT)) {
      System.out.println(platform.description());
      System.out.println(platform.features());
      AddressSpace space = platform.newAddressSpace();
      long frame = platform.memory().allocate();
      // 1: inc %rbx; mov $39, %eax; syscall; jmp 1b
      byte[] code = {
        0x48,
        (byte) 0xFF,
        (byte) 0xC3,
        (byte) 0xB8,
        39,
        0,
        0,
        0,
        0x0F,
        0x05,
        (byte) 0xEB,
        (byte) 0xF4
      };
      platform
          .memory()
          .segment(frame, 1)
          .asSlice(0, code.length)
          .copyFrom(java.lang.foreign.MemorySegment.ofArray(code));
      space.map(CODE, frame, 1, AddressSpace.READ | AddressSpace.EXEC);
      try (Context context = platform.newContext()) {
        context.registers().rip = CODE;
        for (int round = 0; round < 4; round++) {
          long start = System.nanoTime();
          for (int i = 0; i < count; i++) {
            Exit exit = context.run(space);
            if (!(exit instanceof Exit.Syscall)) {
              throw new IllegalStateException(
                  exit + " at " + Long.toHexString(context.registers().rip));
            }
            context.registers().rax = 7;
          }
          System.out.println(
              (System.nanoTime() - start) / count + " ns each, rbx " + context.registers().rbx);
        }
      }
      space.close();
      platform.memory().segment(frame, 1).get(ValueLayout.JAVA_BYTE, 0);
    }
  }
}
