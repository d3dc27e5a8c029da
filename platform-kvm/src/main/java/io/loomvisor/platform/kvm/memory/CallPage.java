package io.loomvisor.platform.kvm.memory;

import io.loomvisor.platform.kvm.ring0.Layout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The page of an address space in which its tasks post calls (docs/exitless.md): an area for each
 * of some tasks, and a scratch word for each vCPU.
 *
 * <pre>
 *        0  area 0: u32 state, u32 looks left, u64 number or result, u64 RDI RSI RDX R10 R8 R9
 *       64  area 1
 *        …
 *    0xE00  u64 scratch word of vCPU 0, then of the others
 * </pre>
 *
 * <p>The application can write all of it. Which areas are taken is kept here. Any thread.
 */
public final class CallPage {
  // Offsets in an area.
  public static final int STATE = 0;
  public static final int LEFT = 4;
  public static final int NUMBER = 8;

  /** Takes the place of the number. */
  public static final int RESULT = NUMBER;

  public static final int RDI = 16;
  public static final int RSI = 24;
  public static final int RDX = 32;
  public static final int R10 = 40;
  public static final int R8 = 48;
  public static final int R9 = 56;

  private static final long ALL = (1L << Layout.CALL_AREAS) - 1;

  private final long frame;
  private final AtomicLong taken = new AtomicLong();

  CallPage(long frame) {
    this.frame = frame;
  }

  long frame() {
    return frame;
  }

  /** Number of an area that nobody else has from now on; -1 if there is none. */
  public int take() {
    long before = taken.getAndUpdate(t -> t == ALL ? t : t | Long.lowestOneBit(~t));
    return before == ALL ? -1 : Long.numberOfTrailingZeros(~before);
  }

  public void giveBack(int area) {
    taken.getAndUpdate(t -> t & ~(1L << area));
  }

  /** Where the guest sees an area. */
  public static long address(int area) {
    return Layout.CALL_PAGE + (long) area * Layout.CALL_AREA_SIZE;
  }

  /** Offset in memory of an area. */
  public long offset(int area) {
    return (frame << 12) + (long) area * Layout.CALL_AREA_SIZE;
  }

  /** Offset in memory of a vCPU's scratch word. */
  public long scratch(int vcpu) {
    return (frame << 12) + Layout.scratch(vcpu);
  }
}
