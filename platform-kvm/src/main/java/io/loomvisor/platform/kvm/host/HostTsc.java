package io.loomvisor.platform.kvm.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Reads the host's time-stamp counter, for which Java has no instruction. Safe because the only
 * native code called is the ten instructions' worth of bytes below, which touch no memory, on a
 * page of their own that is never unmapped and not writable once it is executable.
 */
public final class HostTsc {
  private static final int PAGE = 4096;

  /** lfence; rdtsc; lfence; shl $32, %rdx; or %rdx, %rax; ret */
  private static final byte[] CODE = {
    0x0F, (byte) 0xAE, (byte) 0xE8, 0x0F, 0x31, 0x0F, (byte) 0xAE, (byte) 0xE8,
    0x48, (byte) 0xC1, (byte) 0xE2, 0x20, 0x48, 0x09, (byte) 0xD0, (byte) 0xC3
  };

  private final MemorySegment code;

  private HostTsc(MemorySegment code) {
    this.code = code;
  }

  /** Null if the host does not let a process make code executable. */
  public static HostTsc create() {
    int flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS;
    long address = Libc.mmap(PAGE, Libc.PROT_READ | Libc.PROT_WRITE, flags, -1, 0);
    if (address < 0 && address > -PAGE) {
      return null;
    }
    MemorySegment page = MemorySegment.ofAddress(address).reinterpret(PAGE);
    MemorySegment.copy(CODE, 0, page, JAVA_BYTE, 0, CODE.length);
    if (Libc.mprotect(address, PAGE, Libc.PROT_READ | Libc.PROT_EXEC) < 0) {
      Libc.munmap(address, PAGE);
      return null;
    }
    return new HostTsc(page);
  }

  /** The counter of the CPU that this thread is on. */
  public long read() {
    return Libc.plain(code);
  }
}
