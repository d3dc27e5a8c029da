package io.loomvisor.runtime.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Runs a filter as the kernel does, on one struct seccomp_data. */
final class BpfMachine {
  static final int X86_64 = 0xc000003e;

  private final List<BpfInstruction> program;

  BpfMachine(List<BpfInstruction> program) {
    this.program = program;
  }

  int run(long number, long... arguments) {
    return runAs(X86_64, number, arguments);
  }

  int runAs(int architecture, long number, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt((int) number).putInt(architecture).putLong(0x1234);
    for (long a : arguments) {
      data.putLong(a);
    }
    int accumulator = 0;
    for (int pc = 0; ; pc++) {
      BpfInstruction i = program.get(pc);
      switch (i.code()) {
        case BpfInstruction.LOAD -> accumulator = data.getInt(i.k());
        case BpfInstruction.AND -> accumulator &= i.k();
        case BpfInstruction.JUMP_IF_EQUAL -> pc += accumulator == i.k() ? i.jt() : i.jf();
        case BpfInstruction.JUMP_IF_AT_LEAST ->
            pc += Integer.compareUnsigned(accumulator, i.k()) >= 0 ? i.jt() : i.jf();
        case BpfInstruction.RETURN -> {
          return i.k();
        }
        default -> throw new AssertionError("no such instruction: " + i);
      }
    }
  }
}
