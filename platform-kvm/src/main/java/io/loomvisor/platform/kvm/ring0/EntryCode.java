package io.loomvisor.platform.kvm.ring0;

import io.loomvisor.platform.InstantAnswers;
import io.loomvisor.platform.InstantAnswers.Answer;
import java.util.HexFormat;

/**
 * The entry of system calls: what assembling {@code src/main/asm/entry.S} gives, which a test
 * checks, and where RIP is in it.
 */
public final class EntryCode {
  /** The OUT by which a call leaves the guest, and what is behind it: SYSRET. */
  public static final int LEAVE = 0x46;

  public static final int SYSRET = 0x48;

  /** From here on each answer has so many bytes. */
  static final int ANSWERS = 0x80;

  static final int ANSWER_SIZE = 128;

  static final int SCHED_YIELD = InstantAnswers.SCHED_YIELD;

  /** The calls answered, in the order of their code: the fields of a slot, then sched_yield. */
  private static final int[] NUMBERS = numbers();

  private static final String RING0 =
      """
      3dba0000000f84f500000083f827747083f8180f84e703000083f86e0f845e03000083f8660f845501000083f86b0f84
      cc01000083f8680f844302000083f86c0f84ba020000e6f0480f07f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05790f0000803800740d488b056d
      0f00008b4004480f07b827000000eba6f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05f90e0000803800740d488b05ed0e00008b4008480f07b8ba000000e923
      fffffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      488b05790e0000803800740d488b056d0e00008b400c480f07b866000000e9a3fefffff4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05f90d0000803800740d488b05ed
      0d00008b4010480f07b86b000000e923fefffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05790d0000803800740d488b056d0d00008b4014480f07b868000000e9a3
      fdfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      488b05f90c0000803800740d488b05ed0c00008b4018480f07b86c000000e923fdfffff4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05790c0000803800740d488b056d
      0c00008b401c480f07b86e000000e9a3fcfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05f90b00008038007412833c2500900080007508b800000000480f07b818
      000000e91efcfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      """;

  private static final String RING3 =
      """
      3dba0000000f84f500000083f827747083f8180f84e703000083f86e0f845e03000083f8660f845501000083f86b0f84
      cc01000083f8680f844302000083f86c0f84ba020000e6f0480f07f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05700f0000
      803800741d4489d8c1e80b83e001047f4489d886c49e488b05530f00008b4004ffe1b827000000eb8df4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05f00e0000803800741d4489d8c1e80b83e001047f
      4489d886c49e488b05d30e00008b4008ffe1b8ba000000e90afffffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      41f7c3000100007529488b05700e0000803800741d4489d8c1e80b83e001047f4489d886c49e488b05530e00008b400c
      ffe1b866000000e98afefffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05f00d0000
      803800741d4489d8c1e80b83e001047f4489d886c49e488b05d30d00008b4010ffe1b86b000000e90afefffff4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05700d0000803800741d4489d8c1e80b83e001047f
      4489d886c49e488b05530d00008b4014ffe1b868000000e98afdfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      41f7c3000100007529488b05f00c0000803800741d4489d8c1e80b83e001047f4489d886c49e488b05d30c00008b4018
      ffe1b86c000000e90afdfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05700c0000
      803800741d4489d8c1e80b83e001047f4489d886c49e488b05530c00008b401cffe1b86e000000e98afcfffff4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c300010000752e488b05f00b00008038007422833c250090008000751844
      89d8c1e80b83e001047f4489d886c49eb800000000ffe1b818000000e905fcfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      """;

  private EntryCode() {}

  private static int[] numbers() {
    Answer[] answers = Answer.values();
    int[] numbers = new int[answers.length + 1];
    for (Answer a : answers) {
      numbers[a.ordinal()] = a.number();
    }
    numbers[answers.length] = SCHED_YIELD;
    return numbers;
  }

  /** The code for this kind of host. */
  public static byte[] bytes(boolean entryInRing3) {
    return HexFormat.of().parseHex((entryInRing3 ? RING3 : RING0).replace("\n", ""));
  }

  /**
   * The number of the system call that the code at {@code offset} is about to answer, where RAX has
   * it no more; -1 if RAX still has it.
   */
  public static int numberAt(int offset) {
    int answer = (offset - ANSWERS) / ANSWER_SIZE;
    return offset >= ANSWERS && answer < NUMBERS.length ? NUMBERS[answer] : -1;
  }
}
