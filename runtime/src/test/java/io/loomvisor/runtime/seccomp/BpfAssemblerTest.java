package io.loomvisor.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomvisor.runtime.seccomp.BpfAssembler.Label;
import java.util.List;
import org.junit.jupiter.api.Test;

class BpfAssemblerTest {
  @Test
  void labelsBecomeDistancesFromTheNextInstruction() {
    Label no = new Label();
    List<BpfInstruction> program =
        new BpfAssembler()
            .load(0)
            .unlessEqual(7, no)
            .answer(1)
            .answer(2)
            .bind(no)
            .answer(3)
            .assemble();
    assertEquals(
        List.of(
            new BpfInstruction(0x20, 0, 0, 0),
            new BpfInstruction(0x15, 0, 2, 7),
            new BpfInstruction(0x06, 0, 0, 1),
            new BpfInstruction(0x06, 0, 0, 2),
            new BpfInstruction(0x06, 0, 0, 3)),
        program);
  }

  @Test
  void refusesWhatTheKernelWouldRefuse() {
    Label far = new Label();
    BpfAssembler tooFar = new BpfAssembler().unlessEqual(1, far);
    for (int i = 0; i < 256; i++) {
      tooFar.load(0);
    }
    tooFar.bind(far).answer(0);
    assertThrows(IllegalStateException.class, tooFar::assemble, "a jump over 256 instructions");

    BpfAssembler unbound = new BpfAssembler().unlessEqual(1, new Label()).answer(0);
    assertThrows(IllegalStateException.class, unbound::assemble, "a label bound nowhere");

    Label back = new Label();
    BpfAssembler backwards = new BpfAssembler().bind(back).load(0).unlessEqual(1, back).answer(0);
    assertThrows(IllegalStateException.class, backwards::assemble, "a jump backwards");

    assertThrows(IllegalStateException.class, new BpfAssembler().load(0)::assemble, "no verdict");
    assertThrows(IllegalStateException.class, new BpfAssembler()::assemble, "nothing");

    BpfAssembler tooLong = new BpfAssembler();
    for (int i = 0; i < BpfAssembler.MAX_INSTRUCTIONS; i++) {
      tooLong.load(0);
    }
    assertThrows(IllegalStateException.class, tooLong.answer(0)::assemble, "4097 instructions");

    Label twice = new Label();
    BpfAssembler bound = new BpfAssembler().bind(twice);
    assertThrows(IllegalStateException.class, () -> bound.bind(twice), "a label bound twice");
  }

  @Test
  void theLongestJumpIsAllowed() {
    Label far = new Label();
    BpfAssembler out = new BpfAssembler().unlessEqual(1, far);
    for (int i = 0; i < 255; i++) {
      out.load(0);
    }
    assertEquals(255, out.bind(far).answer(0).assemble().getFirst().jf());
  }
}
