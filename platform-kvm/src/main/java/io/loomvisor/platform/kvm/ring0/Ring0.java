package io.loomvisor.platform.kvm.ring0;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Writes the kernel half into the reserved frames. The code bytes are those of {@code
 * src/main/asm/ring0.S} and, for {@link EntryCode}, {@code entry.S}.
 */
public final class Ring0 {
  private static final int PAGE = 4096;
  private static final long PRESENT = 1;
  private static final long WRITABLE = 2;
  private static final long USER = 4;
  private static final long ACCESSED_DIRTY = 0x60;
  private static final long NO_EXECUTE = 1L << 63;

  private static final int BREAKPOINT = 3;
  private static final int OVERFLOW = 4;
  private static final int NMI = 2;
  private static final int DOUBLE_FAULT = 8;
  private static final int MACHINE_CHECK = 18;

  private static final byte OUT_IMMEDIATE = (byte) 0xE6;
  private static final byte HLT = (byte) 0xF4;
  private static final byte[] IRETQ = {0x48, (byte) 0xCF};

  private Ring0() {}

  /** The page of the stubs: what assembling ring0.S gives. */
  public static byte[] code() {
    byte[] code = new byte[(int) (Layout.IRET - Layout.STUBS) + (1 << Layout.STUB_SHIFT)];
    java.util.Arrays.fill(code, HLT);
    for (int vector = 0; vector < 32; vector++) {
      int at = vector << Layout.STUB_SHIFT;
      code[at] = OUT_IMMEDIATE;
      code[at + 1] = (byte) Layout.PORT_EXCEPTION;
    }
    System.arraycopy(IRETQ, 0, code, (int) (Layout.IRET - Layout.STUBS), IRETQ.length);
    return code;
  }

  /**
   * Fills the reserved frames but those of the vCPUs.
   *
   * @param memory guest-physical memory from frame 0
   * @param entryInRing3 SYSCALL stays in ring 3 on this host: the entry page is made
   *     user-accessible and its port allowed there
   */
  public static void write(MemorySegment memory, boolean entryInRing3) {
    byte[] code = code();
    MemorySegment.copy(code, 0, memory, JAVA_BYTE, (long) Layout.STUBS_FRAME * PAGE, code.length);
    writeGdt(memory.asSlice((long) Layout.GDT_FRAME * PAGE, PAGE));
    writeIdt(memory.asSlice((long) Layout.IDT_FRAME * PAGE, PAGE));
    writeTables(memory, entryInRing3);
  }

  /** The CPU reads descriptors only when it loads a segment: IRET and exceptions load CS and SS. */
  private static void writeGdt(MemorySegment gdt) {
    gdt.set(JAVA_LONG_UNALIGNED, 2 * 8, 0x00AF_9B00_0000_FFFFL);
    gdt.set(JAVA_LONG_UNALIGNED, 3 * 8, 0x00CF_9300_0000_FFFFL);
    gdt.set(JAVA_LONG_UNALIGNED, 5 * 8, 0x00CF_F300_0000_FFFFL);
    gdt.set(JAVA_LONG_UNALIGNED, 6 * 8, 0x00AF_FB00_0000_FFFFL);
  }

  private static void writeIdt(MemorySegment idt) {
    for (int vector = 0; vector < 32; vector++) {
      long handler = Layout.STUBS + ((long) vector << Layout.STUB_SHIFT);
      long dpl = vector == BREAKPOINT || vector == OVERFLOW ? 3 : 0;
      long ist = vector == NMI || vector == DOUBLE_FAULT || vector == MACHINE_CHECK ? 1 : 0;
      long low =
          handler & 0xFFFF
              | (long) Layout.KERNEL_CS << 16
              | ist << 32
              | (0x8E | dpl << 5) << 40
              | (handler >>> 16 & 0xFFFF) << 48;
      idt.set(JAVA_LONG_UNALIGNED, vector * 16L, low);
      idt.set(JAVA_LONG_UNALIGNED, vector * 16L + 8, handler >>> 32);
    }
  }

  /** Fills the pages of one vCPU, before it is made. */
  public static void writeVcpu(MemorySegment memory, int vcpu, boolean entryInRing3) {
    writeTss(memory, vcpu, entryInRing3);
    byte[] code = new byte[PAGE];
    java.util.Arrays.fill(code, HLT);
    byte[] entry = EntryCode.bytes(entryInRing3);
    System.arraycopy(entry, 0, code, 0, entry.length);
    int postedTo = Math.min(vcpu, Layout.POSTING_VCPUS - 1);
    long scratch = Layout.CALL_PAGE + Layout.scratch(postedTo);
    MemorySegment.ofArray(code)
        .set(JAVA_LONG_UNALIGNED, EntryCode.postSaved(entryInRing3) - 8L, scratch);
    MemorySegment.copy(code, 0, memory, JAVA_BYTE, Layout.entry(vcpu) - Layout.BASE, PAGE);
    memory.set(JAVA_LONG_UNALIGNED, Layout.desk(vcpu), Layout.emptySlot(vcpu));
    memory.set(JAVA_LONG_UNALIGNED, Layout.deskScratch(vcpu), scratch);
    memory.set(JAVA_INT_UNALIGNED, Layout.deskAwaited(vcpu), Layout.NO_CALL);
  }

  private static void writeTss(MemorySegment memory, int vcpu, boolean entryInRing3) {
    MemorySegment tss = memory.asSlice((long) Layout.tssFrame(vcpu) * PAGE, PAGE);
    tss.set(JAVA_LONG_UNALIGNED, 4, Layout.stackTop(vcpu));
    tss.set(JAVA_LONG_UNALIGNED, 36, Layout.emergencyStackTop(vcpu));
    tss.set(JAVA_SHORT_UNALIGNED, 102, (short) Layout.TSS_SIZE);
    tss.asSlice(Layout.TSS_SIZE, Layout.IO_BITMAP_SIZE).fill((byte) 0xFF);
    if (entryInRing3) {
      long at = Layout.TSS_SIZE + Layout.PORT_SYSCALL / 8;
      tss.set(JAVA_BYTE, at, (byte) ~(1 << Layout.PORT_SYSCALL % 8));
    }
  }

  private static void writeTables(MemorySegment memory, boolean entryInRing3) {
    long path = PRESENT | WRITABLE | ACCESSED_DIRTY | (entryInRing3 ? USER : 0);
    entry(memory, Layout.PDPT_FRAME, Layout.PDPT_INDEX, (long) Layout.PD_FRAME << 12 | path);
    entry(memory, Layout.PD_FRAME, 0, (long) Layout.PT_FRAME << 12 | path);
    entry(memory, Layout.PD_FRAME, 1, (long) Layout.SLOTS_PT_FRAME << 12 | path);
    for (int frame = Layout.GDT_FRAME; frame < Layout.RESERVED_FRAMES; frame++) {
      long bits = bits(frame, entryInRing3);
      entry(memory, Layout.PT_FRAME, frame, bits == 0 ? 0 : (long) frame << 12 | bits);
    }
  }

  private static long bits(int frame, boolean entryInRing3) {
    long user = entryInRing3 ? USER : 0;
    long data = PRESENT | WRITABLE | ACCESSED_DIRTY | NO_EXECUTE;
    long text = PRESENT | ACCESSED_DIRTY;
    if (frame >= Layout.FIRST_VCPU_FRAME) {
      return switch ((frame - Layout.FIRST_VCPU_FRAME) % Layout.VCPU_FRAMES) {
        case Layout.ENTRY -> text | user;
        case Layout.DESK -> told(entryInRing3);
        default -> data;
      };
    }
    return switch (frame) {
      case Layout.STUBS_FRAME -> text;
      case Layout.MACHINE_FRAME -> told(entryInRing3);
      case Layout.GDT_FRAME, Layout.IDT_FRAME -> data;
      default -> 0;
    };
  }

  /** Bits of pages that the sentry writes and the entry code reads. */
  private static long told(boolean entryInRing3) {
    return PRESENT | ACCESSED_DIRTY | NO_EXECUTE | (entryInRing3 ? USER : 0);
  }

  /** Maps a frame as the next page of slots. */
  public static void mapSlots(MemorySegment memory, int page, long frame, boolean entryInRing3) {
    entry(memory, Layout.SLOTS_PT_FRAME, page, frame << 12 | told(entryInRing3));
  }

  private static void entry(MemorySegment memory, int table, int index, long value) {
    memory.set(JAVA_LONG_UNALIGNED, (long) table * PAGE + index * 8L, value);
  }
}
