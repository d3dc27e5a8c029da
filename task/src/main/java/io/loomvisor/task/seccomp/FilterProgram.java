package io.loomvisor.task.seccomp;

import io.loomvisor.task.bpf.BpfData;
import io.loomvisor.task.bpf.BpfProgram;
import io.loomvisor.task.bpf.BpfRules;
import java.nio.ByteBuffer;

/**
 * A filter of system calls: a program that looks at {@link CallData} (kernel/seccomp.c:
 * seccomp_check_filter). Immutable.
 */
public final class FilterProgram {
  public static final int MAX_LENGTH = BpfProgram.MAX_LENGTH;
  public static final int INSTRUCTION_SIZE = BpfProgram.INSTRUCTION_SIZE;

  private final BpfProgram program;

  private FilterProgram(BpfProgram program) {
    this.program = program;
  }

  /**
   * The program in {@code code}, little endian from its position to its limit; null if it is not
   * one that Linux accepts.
   */
  public static FilterProgram of(ByteBuffer code) {
    BpfProgram program = BpfProgram.of(BpfRules.CALLS, code);
    return program == null ? null : new FilterProgram(program);
  }

  int translatedLength() {
    return program.translatedLength();
  }

  /** What it answers for a call: a SECCOMP_RET_ value. */
  public int run(CallData data) {
    return program.run(data);
  }

  /** Whether it allows call {@code number} without a look at anything else of it. */
  public boolean allows(int number) {
    int answer = program.run(new NumberOnly(new CallData(number, 0, 0, 0, 0, 0, 0, 0)));
    return Verdict.action(answer) == Verdict.ALLOW;
  }

  /** Ends with 0, which is no permission, whoever looks at more than the number. */
  private record NumberOnly(CallData call) implements BpfData {
    @Override
    public int length() {
      return CallData.SIZE;
    }

    @Override
    public long load(int offset, int size) {
      return offset > CallData.LAST_OF_NUMBER ? OUTSIDE : call.load(offset, size);
    }
  }
}
