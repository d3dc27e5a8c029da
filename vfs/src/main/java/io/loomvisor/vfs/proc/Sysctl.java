package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** One file of /proc/sys: a value that can be read as text and perhaps be set. Any thread. */
public interface Sysctl {
  /** The value as text without the final newline. */
  String get();

  /**
   * Sets it from text without the final newline; EINVAL if it is malformed or out of range, EPERM.
   */
  void set(Credentials writer, String value);

  /** Permission bits of the file. */
  int permissions();

  /** A value that cannot be set. */
  record ReadOnly(Supplier<String> value) implements Sysctl {
    @Override
    public String get() {
      return value.get();
    }

    @Override
    public void set(Credentials writer, String text) {
      throw Errno.EPERM.exception();
    }

    @Override
    public int permissions() {
      return 0444;
    }
  }

  /** What is done when it is written, and nothing to read: permissions 0200. */
  record Command() implements Sysctl {
    @Override
    public String get() {
      return "";
    }

    @Override
    public void set(Credentials writer, String text) {
      Number.parse(text.strip());
    }

    @Override
    public int permissions() {
      return 0200;
    }
  }

  /** A whole number within bounds, for any thread to read. */
  final class Number implements Sysctl {
    private final AtomicLong value;
    private final long min;
    private final long max;

    public Number(long initial, long min, long max) {
      this.value = new AtomicLong(initial);
      this.min = min;
      this.max = max;
    }

    public long value() {
      return value.get();
    }

    @Override
    public String get() {
      return Long.toString(value.get());
    }

    @Override
    public void set(Credentials writer, String text) {
      long v = parse(text.strip());
      if (v < min || v > max) {
        throw Errno.EINVAL.exception();
      }
      value.set(v);
    }

    @Override
    public int permissions() {
      return 0644;
    }

    private static long parse(String text) {
      try {
        return Long.decode(text);
      } catch (NumberFormatException _) {
        throw Errno.EINVAL.exception();
      }
    }
  }

  /** An unsigned 64-bit number, such as kernel/shmmax. */
  final class Unsigned implements Sysctl {
    private final AtomicLong value;

    public Unsigned(long initial) {
      this.value = new AtomicLong(initial);
    }

    public long value() {
      return value.get();
    }

    @Override
    public String get() {
      return Long.toUnsignedString(value.get());
    }

    @Override
    public void set(Credentials writer, String text) {
      try {
        value.set(Long.parseUnsignedLong(text.strip()));
      } catch (NumberFormatException _) {
        throw Errno.EINVAL.exception();
      }
    }

    @Override
    public int permissions() {
      return 0644;
    }
  }

  /** Several whole numbers separated by tabs, such as net/ipv4/ip_local_port_range. */
  final class Numbers implements Sysctl {
    private final AtomicReference<long[]> values;

    public Numbers(long... initial) {
      values = new AtomicReference<>(initial.clone());
    }

    public long value(int index) {
      return values.get()[index];
    }

    @Override
    public String get() {
      StringBuilder text = new StringBuilder();
      for (long v : values.get()) {
        text.append(text.isEmpty() ? "" : "\t").append(v);
      }
      return text.toString();
    }

    /** Fewer numbers than there are set the first ones, as with Linux. */
    @Override
    public void set(Credentials writer, String text) {
      String[] parts = text.strip().split("\\s+");
      long[] now = values.get().clone();
      if (parts.length > now.length) {
        throw Errno.EINVAL.exception();
      }
      for (int i = 0; i < parts.length; i++) {
        now[i] = Number.parse(parts[i]);
        if (now[i] < 0) {
          throw Errno.EINVAL.exception();
        }
      }
      values.set(now);
    }

    @Override
    public int permissions() {
      return 0644;
    }
  }

  /** A line of text up to a length. */
  final class Text implements Sysctl {
    private final AtomicReference<String> value;
    private final int maxLength;

    public Text(String initial, int maxLength) {
      this.value = new AtomicReference<>(initial);
      this.maxLength = maxLength;
    }

    public String value() {
      return value.get();
    }

    @Override
    public String get() {
      return value.get();
    }

    /** Longer text is cut, as with Linux. */
    @Override
    public void set(Credentials writer, String text) {
      value.set(text.substring(0, Math.min(text.length(), maxLength)));
    }

    @Override
    public int permissions() {
      return 0644;
    }
  }
}
