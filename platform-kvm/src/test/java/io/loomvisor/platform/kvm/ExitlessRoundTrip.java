package io.loomvisor.platform.kvm;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Registers;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;

/**
 * Prints what a call costs that is posted and served by the poller, beside one that comes out:
 * quantiles over short turns, which on a busy machine tell the times when both CPUs were there.
 * Arguments: [turns].
 */
public final class ExitlessRoundTrip {
  private static final long CODE = 0x40_0000;
  private static final int CALLS = 200;
  private static final int CALL = 111;
  private static final int LAST = 112;

  /** 1: mov $111, %eax; syscall; dec %rbp; jnz 1b; mov $112, %eax; syscall */
  private static final byte[] LOOP =
      HexFormat.of().parseHex("b86f0000000f0548ffcd75f4b8700000000f05");

  private ExitlessRoundTrip() {}

  public static void main(String[] args) {
    int turns = args.length > 0 ? Integer.parseInt(args[0]) : 2000;
    try (KvmPlatform platform =
        KvmPlatform.create(
            KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withPolling(Polling.eager()))) {
      System.out.println(platform.description());
      BitSet numbers = new BitSet();
      numbers.set(CALL);
      platform.postableCalls(numbers);
      AddressSpace space = platform.newAddressSpace();
      space.openCallPage();
      Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, LOOP);
      try (Context context = platform.newContext()) {
        context.polledCalls((n, a, b, c, d, e, f) -> 7);
        for (boolean on : new boolean[] {false, true, false, true}) {
          context.answers().allow(on);
          long[] each = new long[turns];
          for (int i = 0; i < turns; i++) {
            each[i] = turn(context, space, on);
          }
          Arrays.sort(each);
          System.out.printf(
              "%-8s ns each: best %d, 1%% %d, 10%% %d, median %d%n",
              on ? "polled" : "exits",
              each[0],
              each[turns / 100],
              each[turns / 10],
              each[turns / 2]);
        }
      }
      space.close();
    }
  }

  private static long turn(Context context, AddressSpace space, boolean on) {
    Registers r = context.registers();
    r.rip = CODE;
    r.rbp = CALLS;
    long began = System.nanoTime();
    do {
      if (on) {
        context.countPollable(System.nanoTime());
      }
      context.run(space);
    } while (r.rax != LAST);
    return (System.nanoTime() - began) / CALLS;
  }
}
