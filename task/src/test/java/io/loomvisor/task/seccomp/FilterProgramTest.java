package io.loomvisor.task.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.InstantAnswers;
import io.loomvisor.task.bpf.Bpf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FilterProgramTest {
  private static final int LOAD = Bpf.LD | Bpf.ABS;
  private static final int IF_EQUAL = Bpf.JMP | Bpf.JEQ;

  @Test
  void looksAtTheCall() {
    FilterProgram p =
        program(
            op(LOAD, 0, 0, 0),
            op(IF_EQUAL, 0, 1, 39),
            op(Bpf.RET, 0, 0, Verdict.ERRNO | 5),
            op(Bpf.RET, 0, 0, Verdict.ALLOW));
    assertNotNull(p);
    assertEquals(Verdict.ERRNO | 5, p.run(call(39)));
    assertEquals(Verdict.ALLOW, p.run(call(40)));
  }

  @Test
  void argumentsComeInTwoHalves() {
    for (int half = 0; half < 2; half++) {
      FilterProgram p =
          program(op(LOAD, 0, 0, 16 + 8 * 5 + 4 * half), op(Bpf.RET | Bpf.A, 0, 0, 0));
      assertEquals(half == 0 ? 0x89abcdef : 0x1234567, p.run(call(1)));
    }
  }

  @Test
  void theStrictestAnswerOfTheNewestCounts() {
    SeccompState.Filter first = SeccompState.Filter.on(answering(Verdict.ERRNO | 1), null);
    SeccompState.Filter second = SeccompState.Filter.on(answering(Verdict.ERRNO | 2), first);
    SeccompState.Filter third = SeccompState.Filter.on(answering(Verdict.LOG), second);
    assertEquals(Verdict.ERRNO | 2, third.answer(call(0)));
    SeccompState.Filter killing = SeccompState.Filter.on(answering(Verdict.KILL_PROCESS), third);
    assertEquals(
        Verdict.KILL_PROCESS,
        SeccompState.Filter.on(answering(Verdict.KILL_THREAD), killing).answer(call(0)));
    assertTrue(first.isAncestorOf(third));
    assertTrue(third.isAncestorOf(third));
    assertFalse(third.isAncestorOf(first));
    assertEquals(3, third.filters());
  }

  /** As kernel/seccomp.c's cache of actions: whatever else of the call could matter, no. */
  @Test
  void knowsWhatIsAllowedWhateverTheArguments() {
    FilterProgram p =
        program(
            op(LOAD, 0, 0, 4),
            op(LOAD, 0, 0, 0),
            op(IF_EQUAL, 0, 1, 39),
            op(Bpf.RET, 0, 0, Verdict.ALLOW),
            op(IF_EQUAL, 0, 1, 40),
            op(LOAD, 0, 0, 16),
            op(IF_EQUAL, 0, 1, 41),
            op(Bpf.RET, 0, 0, Verdict.LOG),
            op(Bpf.RET, 0, 0, Verdict.ALLOW));
    assertTrue(p.allows(39));
    assertFalse(p.allows(40), "it looks at an argument");
    assertFalse(p.allows(41));
    assertTrue(p.allows(42));
    SeccompState.Filter first = SeccompState.Filter.on(p, null);
    assertTrue(first.allows(42) && first.allows(42));
    assertFalse(first.allows(40) || first.allows(40));
    assertFalse(first.allows(-1) || first.allows(512), "no such number is remembered");
    SeccompState.Filter second = SeccompState.Filter.on(answering(Verdict.ERRNO | 2), first);
    assertFalse(second.allows(42), "all filters count");
    assertTrue(InstantAnswers.all(SeccompState.NONE::allows));
    assertFalse(InstantAnswers.all(SeccompState.STRICT::allows));
    assertTrue(InstantAnswers.all(SeccompState.Filter.on(answering(Verdict.ALLOW), null)::allows));
    assertFalse(InstantAnswers.all(second::allows));
  }

  @Test
  void whatDoesNotEndOrReachesOutIsRefused() {
    assertNull(program(op(LOAD, 0, 0, 0)));
    assertNull(program(op(LOAD, 0, 0, 64), op(Bpf.RET, 0, 0, 0)));
    assertNull(program(op(Bpf.JMP | Bpf.JA, 0, 0, -1), op(Bpf.RET, 0, 0, 0)));
    assertNull(program(op(Bpf.LD | Bpf.MEM, 0, 0, 3), op(Bpf.RET, 0, 0, 0)));
    assertNull(program(op(Bpf.ST, 0, 0, 16), op(Bpf.RET, 0, 0, 0)));
  }

  /** Whatever is accepted runs to an end: no index outside, no endless loop. */
  @Test
  void garbageIsRefusedOrRuns() {
    Random random = new Random(7);
    int accepted = 0;
    for (int i = 0; i < 200_000; i++) {
      int n = 1 + random.nextInt(6);
      long[] ops = new long[n];
      for (int j = 0; j < n; j++) {
        int code = random.nextInt(0x100) & (random.nextBoolean() ? 0xff : 0x77);
        int k = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(20);
        ops[j] = op(code, random.nextInt(4), random.nextInt(4), k);
      }
      ops[n - 1] = random.nextInt(8) == 0 ? ops[n - 1] : op(Bpf.RET | Bpf.A, 0, 0, 0);
      FilterProgram p = program(ops);
      if (p != null) {
        accepted++;
        p.run(call(i));
      }
    }
    assertTrue(accepted > 1000, "accepted " + accepted);
  }

  private static FilterProgram answering(int answer) {
    return program(op(Bpf.RET, 0, 0, answer));
  }

  private static CallData call(int number) {
    return new CallData(number, 0x401000, 0, 1, 2, 3, 4, 0x123456789abcdefL);
  }

  private static long op(int code, int jt, int jf, int k) {
    return code & 0xffffL | (long) jt << 16 | (long) jf << 24 | (long) k << 32;
  }

  private static FilterProgram program(long... ops) {
    ByteBuffer b = ByteBuffer.allocate(ops.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long op : ops) {
      b.putLong(op);
    }
    return FilterProgram.of(b.flip());
  }
}
