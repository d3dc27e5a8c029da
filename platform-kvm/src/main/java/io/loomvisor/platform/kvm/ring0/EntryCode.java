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
  public static final int LEAVE = 0x5f;

  public static final int SYSRET = 0x61;

  /** From here on each answer has so many bytes. */
  static final int ANSWERS = 0x80;

  static final int ANSWER_SIZE = 128;

  /** Here begins the code that posts a call. */
  static final int POST = 0x480;

  static final int SCHED_YIELD = InstantAnswers.SCHED_YIELD;

  /** The calls answered, in the order of their code: the fields of a slot, then sched_yield. */
  private static final int[] NUMBERS = numbers();

  private static final String RING0 =
      """
      3dba0000000f84f500000083f827747083f8180f84e703000083f86e0f845e03000083f8660f845501000083f86b0f84
      cc01000083f8680f844302000083f86c0f84ba020000833dbb0f0000000f852d0400003b05b30f00000f843b040000e6
      f0480f07f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05790f0000803800740d488b056d
      0f00008b4004480f07b827000000ebbff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05f90e0000803800740d488b05ed0e00008b4008480f07b8ba000000e93c
      fffffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      488b05790e0000803800740d488b056d0e00008b400c480f07b866000000e9bcfefffff4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05f90d0000803800740d488b05ed
      0d00008b4010480f07b86b000000e93cfefffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05790d0000803800740d488b056d0d00008b4014480f07b868000000e9bc
      fdfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      488b05f90c0000803800740d488b05ed0c00008b4018480f07b86c000000e93cfdfffff4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05790c0000803800740d488b056d
      0c00008b401c480f07b86e000000e9bcfcfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4488b05f90b00008038007412833c2500900080007508b800000000480f07b818
      000000e937fcfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      3d000200000f83d4fbffff0fa30425409000807225e9c5fbffff3dca000000740d3b3d790b00007411e9b1fbffff3b35
      6c0b00000f85a5fbffff48a300feffffff7f0000488b05450b000048895020488b15420b0000488b1248895008488978
      10488970184c8950284c8940304c8948388b152d0b0000895004ba0100000087108b15010b000085d2740d8338017525
      f390ffca75f5eb3483380175188b15050b00002b1425049000807820f390ff480475e5eb178338027512488b5020488b
      05cb0a0000488b4008480f07488b5020488b05c10a0000488b00e6f0f4
      """;

  private static final String RING3 =
      """
      3dba0000000f84f500000083f827747083f8180f84e703000083f86e0f845e03000083f8660f845501000083f86b0f84
      cc01000083f8680f844302000083f86c0f84ba020000833dbb0f0000000f852d0400003b05b30f00000f843b040000e6
      f0480f07f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05700f0000
      803800741d4489d8c1e80b83e001047f4489d886c49e488b05530f00008b4004ffe1b827000000eba6f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05f00e0000803800741d4489d8c1e80b83e001047f
      4489d886c49e488b05d30e00008b4008ffe1b8ba000000e923fffffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      41f7c3000100007529488b05700e0000803800741d4489d8c1e80b83e001047f4489d886c49e488b05530e00008b400c
      ffe1b866000000e9a3fefffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05f00d0000
      803800741d4489d8c1e80b83e001047f4489d886c49e488b05d30d00008b4010ffe1b86b000000e923fefffff4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05700d0000803800741d4489d8c1e80b83e001047f
      4489d886c49e488b05530d00008b4014ffe1b868000000e9a3fdfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      41f7c3000100007529488b05f00c0000803800741d4489d8c1e80b83e001047f4489d886c49e488b05d30c00008b4018
      ffe1b86c000000e923fdfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c3000100007529488b05700c0000
      803800741d4489d8c1e80b83e001047f4489d886c49e488b05530c00008b401cffe1b86e000000e9a3fcfffff4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f441f7c300010000752e488b05f00b00008038007422833c250090008000751844
      89d8c1e80b83e001047f4489d886c49eb800000000ffe1b818000000e91efcfffff4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4
      3d000200000f83d4fbffff0fa30425409000807225e9c5fbffff3dca000000740d3b3d790b00007411e9b1fbffff3b35
      6c0b00000f85a5fbffff41f7c3000100000f8598fbffff48a300feffffff7f0000488b05380b000048895020488b1535
      0b0000488b124889500848897810488970184c8950284c8940304c8948388b15200b0000895004ba0100000087108b15
      f40a000085d2740d8338017525f390ffca75f5eb4483380175188b15f80a00002b1425049000807830f390ff480475e5
      eb278338027522488b50204489d8c1e80b83e001047f4489d886c49e488b05ad0a0000488b4008ffe1488b5020488b05
      a40a0000488b00e6f0f4
      """;

  /**
   * Where in the code that posts a call something changes: RAX is in the vCPU's scratch word from
   * {@code saved} on and RDX in the area from {@code counting} on; at {@code posted} the call has
   * been posted; at {@code leave} both are back and the OUT follows.
   */
  private record Post(int saved, int counting, int posted, int leave) {}

  private static final Post POST_RING0 = new Post(0x4c4, 0x4cf, 0x501, 0x55a);
  private static final Post POST_RING3 = new Post(0x4d1, 0x4dc, 0x50e, 0x577);

  /** How far the entry code has come with posting a call. */
  public enum Progress {
    /** Registers are as at the call. */
    NONE,
    /** The number is in the scratch word. */
    SAVED,
    /** RDX is in the area too. */
    COUNTING,
    /** The same, and the call has been posted. */
    POSTED
  }

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

  private static Post post(boolean entryInRing3) {
    return entryInRing3 ? POST_RING3 : POST_RING0;
  }

  /** Behind the instruction whose last eight bytes are the address of the vCPU's scratch word. */
  static int postSaved(boolean entryInRing3) {
    return post(entryInRing3).saved;
  }

  /** Whether {@code offset} is at or behind the OUT by which a posted call leaves the guest. */
  public static boolean leavesPosted(int offset, boolean entryInRing3) {
    int leave = post(entryInRing3).leave;
    return offset == leave || offset == leave + SYSRET - LEAVE;
  }

  /** What has happened when the CPU is about to execute the instruction at {@code offset}. */
  public static Progress progress(int offset, boolean entryInRing3) {
    Post post = post(entryInRing3);
    if (offset < post.saved) {
      return Progress.NONE;
    }
    if (offset < post.counting) {
      return Progress.SAVED;
    }
    return offset < post.posted ? Progress.COUNTING : Progress.POSTED;
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
