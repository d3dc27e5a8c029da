package io.loomvisor.task.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BpfProgramTest {
  /** Ten bytes, each with its index times 17. */
  private record Bytes(int length) implements BpfData {
    @Override
    public long load(int offset, int size) {
      if (offset == Bpf.SKF_AD_OFF + Bpf.SKF_AD_IFINDEX) {
        return 42;
      }
      if (offset < 0 || offset > length - size) {
        return OUTSIDE;
      }
      long v = 0;
      for (int i = 0; i < size; i++) {
        v = v << 8 | (offset + i) * 17L;
      }
      return v;
    }
  }

  private static final BpfData DATA = new Bytes(10);

  private static long op(int code, int jt, int jf, int k) {
    return code & 0xffffL | (long) jt << 16 | (long) jf << 24 | (long) k << 32;
  }

  private static ByteBuffer code(long... ops) {
    ByteBuffer b = ByteBuffer.allocate(ops.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long op : ops) {
      b.putLong(op);
    }
    return b.flip();
  }

  private static int result(long... ops) {
    BpfProgram p = BpfProgram.of(BpfRules.PACKETS, code(ops));
    assertNotNull(p);
    return p.run(DATA);
  }

  private static final long RETURN_A = op(Bpf.RET | Bpf.A, 0, 0, 0);

  @Test
  void loadsOfEverySizeAndMode() {
    assertEquals(0x22, result(op(Bpf.LD | Bpf.B | Bpf.ABS, 0, 0, 2), RETURN_A));
    assertEquals(0x2233, result(op(Bpf.LD | Bpf.H | Bpf.ABS, 0, 0, 2), RETURN_A));
    assertEquals(0x22334455, result(op(Bpf.LD | Bpf.W | Bpf.ABS, 0, 0, 2), RETURN_A));
    assertEquals(0x8899, result(op(Bpf.LD | Bpf.H | Bpf.ABS, 0, 0, 8), RETURN_A));
    assertEquals(0, result(op(Bpf.LD | Bpf.H | Bpf.ABS, 0, 0, 9), RETURN_A), "outside");
    assertEquals(10, result(op(Bpf.LD | Bpf.LEN, 0, 0, 0), RETURN_A));
    assertEquals(
        0x55,
        result(op(Bpf.LDX | Bpf.IMM, 0, 0, 3), op(Bpf.LD | Bpf.B | Bpf.IND, 0, 0, 2), RETURN_A));
    assertEquals(
        0xc,
        result(op(Bpf.LDX | Bpf.B | Bpf.MSH, 0, 0, 3), op(Bpf.MISC | Bpf.TXA, 0, 0, 0), RETURN_A));
    assertEquals(42, result(op(Bpf.LD | Bpf.W | Bpf.ABS, 0, 0, Bpf.SKF_AD_OFF + 8), RETURN_A));
    assertEquals(
        5 ^ 6,
        result(
            op(Bpf.LD | Bpf.IMM, 0, 0, 5),
            op(Bpf.LDX | Bpf.IMM, 0, 0, 6),
            op(Bpf.LD | Bpf.W | Bpf.ABS, 0, 0, Bpf.SKF_AD_OFF + Bpf.SKF_AD_ALU_XOR_X),
            RETURN_A));
    assertEquals(
        3, result(op(Bpf.LD | Bpf.LEN, 0, 0, 0), op(Bpf.ALU | Bpf.MOD, 0, 0, 7), RETURN_A));
  }

  @Test
  void callsMayDoLess() {
    long[][] wide = {
      {op(Bpf.LD | Bpf.B | Bpf.ABS, 0, 0, 0), RETURN_A},
      {op(Bpf.LD | Bpf.W | Bpf.IND, 0, 0, 0), RETURN_A},
      {op(Bpf.LDX | Bpf.B | Bpf.MSH, 0, 0, 0), RETURN_A},
      {op(Bpf.ALU | Bpf.MOD, 0, 0, 7), RETURN_A},
      {op(Bpf.LD | Bpf.W | Bpf.ABS, 0, 0, Bpf.SKF_AD_OFF), RETURN_A},
    };
    for (long[] ops : wide) {
      assertNotNull(BpfProgram.of(BpfRules.PACKETS, code(ops)));
      assertNull(BpfProgram.of(BpfRules.CALLS, code(ops)));
    }
  }

  @Test
  void whatIsWrittenIsWhatWasRead() {
    ByteBuffer given = code(op(Bpf.JMP | Bpf.JEQ, 0, 0, -7), op(Bpf.RET, 0, 0, 1));
    BpfProgram p =
        BpfProgram.of(BpfRules.PACKETS, given.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    ByteBuffer out = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    p.write(out);
    assertEquals(given, out.flip());
    assertEquals(2, p.length());
  }

  /** Whatever is accepted runs to an end. */
  @Test
  void garbageIsRefusedOrRuns() {
    Random random = new Random(11);
    int accepted = 0;
    for (int i = 0; i < 200_000; i++) {
      long[] ops = new long[1 + random.nextInt(6)];
      for (int j = 0; j < ops.length; j++) {
        int k = random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(20);
        ops[j] = op(random.nextInt(0x100), random.nextInt(4), random.nextInt(4), k);
      }
      ops[ops.length - 1] = RETURN_A;
      BpfProgram p = BpfProgram.of(BpfRules.PACKETS, code(ops));
      if (p != null) {
        accepted++;
        p.run(DATA);
      }
    }
    assertTrue(accepted > 1000, "accepted " + accepted);
  }
}
