package io.loomvisor.kernel.strace;

import java.nio.ByteBuffer;

/**
 * Strings, buffers and the structs of files, time and limits, as strace prints them. What is not
 * readable is an address.
 */
final class StructText {
  private static final int PATH_MAX = 4096;
  private static final int IOV_SHOWN = 32;
  private static final int ARRAY_SHOWN = 32;
  private static final long RLIM_INFINITY = -1L;

  private StructText() {}

  /** As C writes octal: 0644, and plain 0. */
  static void octal(StringBuilder out, long value) {
    out.append(value == 0 ? "0" : "0" + Long.toOctalString(value));
  }

  static void path(StringBuilder out, Peek memory, long address) {
    string(out, memory, address, PATH_MAX);
  }

  static void string(StringBuilder out, Peek memory, long address) {
    string(out, memory, address, Quoted.CUT);
  }

  private static void string(StringBuilder out, Peek memory, long address, int cut) {
    byte[] s = memory.string(address, cut + 1);
    if (s == null) {
      Argument.address(out, address);
    } else {
      Quoted.append(out, s, s.length, cut);
    }
  }

  /** The first bytes of a buffer of {@code length}. */
  static void bytes(StringBuilder out, Peek memory, long address, long length) {
    if (length == 0 && address != 0) {
      out.append("\"\"");
      return;
    }
    byte[] b =
        address == 0 || length < 0
            ? new byte[0]
            : memory.read(address, (int) Math.min(length, Quoted.CUT));
    if (b.length == 0) {
      Argument.address(out, address);
    } else {
      Quoted.append(out, b, length, Quoted.CUT);
    }
  }

  /** {tv_sec=1, tv_nsec=0}; {@code fraction} is tv_nsec or tv_usec. */
  static void time(StringBuilder out, Peek memory, long address, String fraction) {
    ByteBuffer b = memory.struct(address, 16);
    if (b == null) {
      Argument.address(out, address);
    } else {
      time(out, b, 0, fraction);
    }
  }

  static void time(StringBuilder out, ByteBuffer b, int at, String fraction) {
    out.append("{tv_sec=")
        .append(b.getLong(at))
        .append(", ")
        .append(fraction)
        .append('=')
        .append(b.getLong(at + 8));
    out.append('}');
  }

  /** itimerval and itimerspec: interval, then value. */
  static void interval(StringBuilder out, Peek memory, long address, String fraction) {
    ByteBuffer b = memory.struct(address, 32);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    out.append("{it_interval=");
    time(out, b, 0, fraction);
    out.append(", it_value=");
    time(out, b, 16, fraction);
    out.append('}');
  }

  /** struct stat of x86-64, in strace's short form. */
  static void stat(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 144);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    int mode = b.getInt(24);
    out.append("{st_mode=");
    FileNames.appendMode(out, mode);
    if (FileNames.isDevice(mode)) {
      long device = b.getLong(40);
      out.append(", st_rdev=makedev(0x")
          .append(Long.toHexString(device >>> 8 & 0xfff | device >>> 32 & 0xfffff000L));
      out.append(", 0x")
          .append(Long.toHexString(device & 0xff | device >>> 12 & 0xffffff00L))
          .append(')');
    } else {
      out.append(", st_size=").append(b.getLong(48));
    }
    out.append(", ...}");
  }

  static void statx(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 256);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    out.append("{stx_mask=");
    FileNames.STATX_MASK.append(out, b.getInt(0) & 0xffffffffL);
    out.append(", stx_attributes=")
        .append(b.getLong(8) == 0 ? "0" : "0x" + Long.toHexString(b.getLong(8)));
    out.append(", stx_mode=");
    FileNames.appendMode(out, b.getShort(28) & 0xffff);
    out.append(", stx_size=").append(b.getLong(40)).append(", ...}");
  }

  static void limit(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 16);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    out.append("{rlim_cur=");
    limit(out, b.getLong(0));
    out.append(", rlim_max=");
    limit(out, b.getLong(8));
    out.append('}');
  }

  private static void limit(StringBuilder out, long value) {
    if (value == RLIM_INFINITY) {
      out.append("RLIM64_INFINITY");
    } else if (value > 1024 && value % 1024 == 0) {
      out.append(value / 1024).append("*1024");
    } else {
      out.append(Long.toUnsignedString(value));
    }
  }

  /**
   * An iovec array; {@code available} bytes of it are shown at most, e.g. what readv(2) has filled.
   */
  static void vector(StringBuilder out, Peek memory, long address, long count, long available) {
    long left = available;
    int n = Math.clamp(count, 0, IOV_SHOWN);
    ByteBuffer b = memory.struct(address, n * 16);
    if (b == null) {
      if (count == 0 && address != 0) {
        out.append("[]");
      } else {
        Argument.address(out, address);
      }
      return;
    }
    out.append('[');
    for (int i = 0; i < n; i++) {
      long length = b.getLong(i * 16 + 8);
      out.append(i == 0 ? "{iov_base=" : ", {iov_base=");
      bytes(out, memory, b.getLong(i * 16), Math.min(Math.max(0, length), left));
      left -= Math.min(Math.max(0, length), left);
      out.append(", iov_len=").append(Long.toUnsignedString(length)).append('}');
    }
    out.append(count > n ? ", ...]" : "]");
  }

  /** The argument vector of execve(2): ["sh", "-c", "..."]. */
  static void strings(StringBuilder out, Peek memory, long address) {
    if (memory.struct(address, 8) == null) {
      Argument.address(out, address);
      return;
    }
    out.append('[');
    for (int i = 0; ; i++) {
      ByteBuffer b = memory.struct(address + 8L * i, 8);
      if (b == null || b.getLong(0) == 0) {
        break;
      }
      if (i > 0) {
        out.append(", ");
      }
      if (i == ARRAY_SHOWN) {
        out.append("...");
        break;
      }
      string(out, memory, b.getLong(0));
    }
    out.append(']');
  }

  /** The environment: 0x7ffd… with the number of its strings in a comment. */
  static void count(StringBuilder out, Peek memory, long address) {
    Argument.address(out, address);
    int n = 0;
    for (; n < PATH_MAX; n++) {
      ByteBuffer b = memory.struct(address + 8L * n, 8);
      if (b == null || b.getLong(0) == 0) {
        break;
      }
    }
    if (address != 0) {
      out.append(" /* ").append(n).append(n == 1 ? " var */" : " vars */");
    }
  }

  /** Two descriptors: [3, 4]. */
  static void pair(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 8);
    if (b == null) {
      Argument.address(out, address);
    } else {
      out.append('[').append(b.getInt(0)).append(", ").append(b.getInt(4)).append(']');
    }
  }

  /** An int behind a pointer: [4]. */
  static void pointedInt(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 4);
    if (b == null) {
      Argument.address(out, address);
    } else {
      out.append('[').append(b.getInt(0)).append(']');
    }
  }

  /** struct utsname: sysname, nodename and dots. */
  static void uname(StringBuilder out, Peek memory, long address) {
    if (memory.struct(address, 65 * 6) == null) {
      Argument.address(out, address);
      return;
    }
    out.append("{sysname=");
    string(out, memory, address);
    out.append(", nodename=");
    string(out, memory, address + 65);
    out.append(", ...}");
  }
}
