package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Moves bytes between application memory and the sentry, page by page. Frames are found in {@link
 * Residency}; what is not resident with the needed permission is faulted in first. Belongs to the
 * memory manager's actor.
 *
 * <p>Safe: frame numbers come from the residency only, so the offsets lie inside the memory file's
 * one bounded segment.
 */
final class UserCopy {
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final VarHandle ALIGNED_INT = ValueLayout.JAVA_INT.varHandle();

  private final Pager pager;
  private final Residency pages;
  private final MemorySegment whole;

  UserCopy(Residency pages, Pager pager) {
    this.pages = pages;
    this.pager = pager;
    this.whole = pages.memory().whole();
  }

  /**
   * Where in the memory file the byte at {@code address} is, -1 if it is not accessible so.
   *
   * @param need READ or WRITE
   */
  private long locate(long address, int need) {
    if (address < 0 || address >= Platform.MAX_USER_ADDRESS) {
      return -1;
    }
    long entry = pages.get(address >>> Platform.PAGE_SHIFT);
    if ((entry & need) == 0) {
      FaultOutcome outcome = pager.fault(address, need == AddressSpace.WRITE, false);
      if (outcome == FaultOutcome.OUT_OF_MEMORY) {
        throw new MemoryFile.OutOfMemoryException(); // see Scarcity
      }
      if (outcome != FaultOutcome.RESOLVED) {
        return -1;
      }
      entry = pages.get(address >>> Platform.PAGE_SHIFT);
    }
    return Residency.frame(entry) << Platform.PAGE_SHIFT | address & Platform.PAGE_SIZE - 1;
  }

  private long locateOrFault(long address, int need) {
    long at = locate(address, need);
    if (at < 0) {
      throw Errno.EFAULT.exception();
    }
    return at;
  }

  /** Whether {@code bytes} from {@code address} stay in one page. */
  private static boolean inOnePage(long address, int bytes) {
    return (address & Platform.PAGE_SIZE - 1) <= Platform.PAGE_SIZE - bytes;
  }

  /** The {@code bytes} (1, 2, 4 or 8) from {@code address} as an unsigned little-endian number. */
  long getNumber(long address, int bytes) {
    if (inOnePage(address, bytes)) {
      long at = locateOrFault(address, AddressSpace.READ);
      return switch (bytes) {
        case 1 -> whole.get(ValueLayout.JAVA_BYTE, at) & 0xffL;
        case 2 -> whole.get(SHORT, at) & 0xffffL;
        case 4 -> whole.get(INT, at) & 0xffff_ffffL;
        default -> whole.get(LONG, at);
      };
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= getNumber(address + i, 1) << 8 * i;
    }
    return value;
  }

  void putNumber(long address, long value, int bytes) {
    if (!inOnePage(address, bytes)) {
      for (int i = 0; i < bytes; i++) {
        putNumber(address + i, value >>> 8 * i, 1);
      }
      return;
    }
    long at = locateOrFault(address, AddressSpace.WRITE);
    switch (bytes) {
      case 1 -> whole.set(ValueLayout.JAVA_BYTE, at, (byte) value);
      case 2 -> whole.set(SHORT, at, (short) value);
      case 4 -> whole.set(INT, at, (int) value);
      default -> whole.set(LONG, at, value);
    }
  }

  /** Copies as much of [address, address + length) as is readable; the count. */
  long in(long address, MemorySegment target, long offset, long length) {
    long done = 0;
    while (done < length) {
      long at = locate(address + done, AddressSpace.READ);
      if (at < 0) {
        break;
      }
      long n = chunk(address + done, length - done);
      MemorySegment.copy(whole, at, target, offset + done, n);
      done += n;
    }
    return done;
  }

  long out(long address, MemorySegment source, long offset, long length) {
    long done = 0;
    while (done < length) {
      long at = locate(address + done, AddressSpace.WRITE);
      if (at < 0) {
        break;
      }
      long n = chunk(address + done, length - done);
      MemorySegment.copy(source, offset + done, whole, at, n);
      done += n;
    }
    return done;
  }

  long zero(long address, long length) {
    long done = 0;
    while (done < length) {
      long at = locate(address + done, AddressSpace.WRITE);
      if (at < 0) {
        break;
      }
      long n = chunk(address + done, length - done);
      whole.asSlice(at, n).fill((byte) 0);
      done += n;
    }
    return done;
  }

  /** Makes pages accessible; the bytes that are, from the start on. */
  long touch(long address, long length, boolean write) {
    int need = write ? AddressSpace.WRITE : AddressSpace.READ;
    long done = 0;
    while (done < length && locate(address + done, need) >= 0) {
      done += chunk(address + done, length - done);
    }
    return done;
  }

  private static long chunk(long address, long left) {
    return Math.min(left, Platform.PAGE_SIZE - (address & Platform.PAGE_SIZE - 1));
  }

  /**
   * A NUL-terminated string of fewer than {@code limit} bytes; null if there is no NUL within them.
   */
  String string(long address, int limit) {
    byte[] bytes = new byte[Math.min(limit, 64)];
    int done = 0;
    while (done < limit) {
      long at = locateOrFault(address + done, AddressSpace.READ);
      int n = (int) chunk(address + done, limit - done);
      int found = indexOfNul(at, n);
      int take = found < 0 ? n : found;
      if (done + take > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(done + take, bytes.length * 2));
      }
      MemorySegment.copy(whole, ValueLayout.JAVA_BYTE, at, bytes, done, take);
      done += take;
      if (found >= 0) {
        return new String(bytes, 0, trim(bytes, done), StandardCharsets.ISO_8859_1);
      }
    }
    return null;
  }

  /**
   * The application may have changed the bytes between our two looks: the string still ends at the
   * first NUL.
   */
  private static int trim(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == 0) {
        return i;
      }
    }
    return length;
  }

  private int indexOfNul(long at, int length) {
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      long word = whole.get(LONG, at + i);
      if ((word - 0x0101_0101_0101_0101L & ~word & 0x8080_8080_8080_8080L) != 0) {
        break;
      }
    }
    for (; i < length; i++) {
      if (whole.get(ValueLayout.JAVA_BYTE, at + i) == 0) {
        return i;
      }
    }
    return -1;
  }

  int getVolatileInt(long address) {
    return (int) ALIGNED_INT.getVolatile(whole, locateOrFault(address, AddressSpace.READ));
  }

  int compareAndSwap(long address, int expected, int update) {
    long at = locateOrFault(address, AddressSpace.WRITE);
    return (int) ALIGNED_INT.compareAndExchange(whole, at, expected, update);
  }

  MemoryFile memory() {
    return pages.memory();
  }
}
