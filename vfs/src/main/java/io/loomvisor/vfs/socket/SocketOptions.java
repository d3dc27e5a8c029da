package io.loomvisor.vfs.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The options of level SOL_SOCKET that are mere settings, the same for every family (socket(7),
 * net/core/sock.c). Each is one word, replaced atomically; any thread. ENOPROTOOPT for all others.
 */
public final class SocketOptions {
  /** net.core.wmem_default and rmem_default. */
  public static final int DEFAULT_BUFFER = 212_992;

  /** net.core.wmem_max and rmem_max. */
  private static final int MAX_BUFFER = 4_194_304;

  /** SOCK_MIN_SNDBUF: twice 2048 and a struct sk_buff of 256. */
  private static final int MIN_SEND_BUFFER = 4608;

  /** SOCK_MIN_RCVBUF. */
  private static final int MIN_RECEIVE_BUFFER = 2304;

  private static final int COUNT = SocketAbi.SO_SNDTIMEO_NEW + 1;
  private static final int TIMEVAL_SIZE = 16;
  private static final int LINGER_SIZE = 8;
  private static final long MICROS = 1_000_000;
  private static final int TC_PRIO_MAX_UNPRIVILEGED = 6;

  private final AtomicIntegerArray values = new AtomicIntegerArray(COUNT);
  private volatile long receiveTimeout = Long.MAX_VALUE;
  private volatile long sendTimeout = Long.MAX_VALUE;
  private volatile int lingerSeconds;

  public SocketOptions() {
    values.set(SocketAbi.SO_SNDBUF, DEFAULT_BUFFER);
    values.set(SocketAbi.SO_RCVBUF, DEFAULT_BUFFER);
    values.set(SocketAbi.SO_RCVLOWAT, 1);
    values.set(SocketAbi.SO_SNDLOWAT, 1);
    values.set(SocketAbi.SO_PEEK_OFF, -1);
  }

  /** The value of an option that is one int or a flag. */
  public int number(int option) {
    return values.get(option);
  }

  public boolean flag(int option) {
    return values.get(option) != 0;
  }

  /** Sets a value without the checks of setsockopt(2). */
  public void put(int option, int value) {
    values.set(option, value);
  }

  /** SO_RCVTIMEO in ns; Long.MAX_VALUE for none. */
  public long receiveTimeout() {
    return receiveTimeout;
  }

  /** SO_SNDTIMEO. */
  public long sendTimeout() {
    return sendTimeout;
  }

  /** Seconds of SO_LINGER; -1 if it is off. */
  public int linger() {
    return flag(SocketAbi.SO_LINGER) ? lingerSeconds : -1;
  }

  /** getsockopt(2). */
  public byte[] get(int option) {
    return switch (option) {
      case SocketAbi.SO_RCVTIMEO_OLD, SocketAbi.SO_RCVTIMEO_NEW -> timeval(receiveTimeout);
      case SocketAbi.SO_SNDTIMEO_OLD, SocketAbi.SO_SNDTIMEO_NEW -> timeval(sendTimeout);
      case SocketAbi.SO_LINGER ->
          buffer(LINGER_SIZE).putInt(number(option)).putInt(lingerSeconds).array();
      case SocketAbi.SO_SNDLOWAT -> word(1);
      case SocketAbi.SO_ZEROCOPY -> word(0);
      // No device has queues of its own here.
      case SocketAbi.SO_INCOMING_NAPI_ID -> word(0);
      case SocketAbi.SO_TIMESTAMPING, SocketAbi.SO_TIMESTAMPING_NEW ->
          buffer(2 * Integer.BYTES).putInt(number(option)).putInt(0).array();
      default -> {
        if (!isNumber(option) && !isFlag(option)) {
          throw Errno.ENOPROTOOPT.exception();
        }
        yield word(number(option));
      }
    };
  }

  private static boolean isFlag(int option) {
    return switch (option) {
      case SocketAbi.SO_DEBUG,
          SocketAbi.SO_REUSEADDR,
          SocketAbi.SO_DONTROUTE,
          SocketAbi.SO_BROADCAST,
          SocketAbi.SO_KEEPALIVE,
          SocketAbi.SO_OOBINLINE,
          SocketAbi.SO_REUSEPORT,
          SocketAbi.SO_PASSSEC ->
          true;
      default -> false;
    };
  }

  private static boolean isNumber(int option) {
    return switch (option) {
      case SocketAbi.SO_SNDBUF,
          SocketAbi.SO_RCVBUF,
          SocketAbi.SO_PRIORITY,
          SocketAbi.SO_RCVLOWAT,
          SocketAbi.SO_TIMESTAMP,
          SocketAbi.SO_TIMESTAMPNS,
          SocketAbi.SO_TIMESTAMP_NEW,
          SocketAbi.SO_TIMESTAMPNS_NEW,
          SocketAbi.SO_BUSY_POLL,
          SocketAbi.SO_MARK ->
          true;
      default -> false;
    };
  }

  /** The int that setsockopt(2) was given; EINVAL if there are fewer bytes than that. */
  public static int numberIn(byte[] value) {
    if (value.length < Integer.BYTES) {
      throw Errno.EINVAL.exception();
    }
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
  }

  /** setsockopt(2). */
  public void set(Caller caller, int option, byte[] value) {
    int number = numberIn(value);
    Credentials who = caller.credentials();
    switch (option) {
      case SocketAbi.SO_SNDBUF -> put(option, doubled(number, MAX_BUFFER, MIN_SEND_BUFFER));
      case SocketAbi.SO_RCVBUF -> put(option, doubled(number, MAX_BUFFER, MIN_RECEIVE_BUFFER));
      case SocketAbi.SO_SNDBUFFORCE -> {
        require(who);
        put(SocketAbi.SO_SNDBUF, doubled(Math.max(number, 0), FORCED_MAX, MIN_SEND_BUFFER));
      }
      case SocketAbi.SO_RCVBUFFORCE -> {
        require(who);
        put(SocketAbi.SO_RCVBUF, doubled(Math.max(number, 0), FORCED_MAX, MIN_RECEIVE_BUFFER));
      }
      case SocketAbi.SO_RCVLOWAT ->
          put(option, number < 0 ? Integer.MAX_VALUE : Math.max(1, number));
      case SocketAbi.SO_PRIORITY -> {
        if (number < 0 || number > TC_PRIO_MAX_UNPRIVILEGED) {
          require(who);
        }
        put(option, number);
      }
      case SocketAbi.SO_MARK -> {
        require(who);
        put(option, number);
      }
      // A wish that is kept and has no effect: there is no queue of a device to look into.
      case SocketAbi.SO_BUSY_POLL -> {
        if (number < 0) {
          throw Errno.EINVAL.exception();
        }
        put(option, number);
      }
      case SocketAbi.SO_DEBUG -> {
        if (number != 0 && !who.has(Credentials.CAP_NET_ADMIN)) {
          throw Errno.EACCES.exception();
        }
        put(option, number != 0 ? 1 : 0);
      }
      case SocketAbi.SO_TIMESTAMP,
          SocketAbi.SO_TIMESTAMPNS,
          SocketAbi.SO_TIMESTAMP_NEW,
          SocketAbi.SO_TIMESTAMPNS_NEW ->
          setTimestamp(option, number != 0);
      case SocketAbi.SO_TIMESTAMPING, SocketAbi.SO_TIMESTAMPING_NEW ->
          setTimestamping(option, number);
      case SocketAbi.SO_LINGER -> setLinger(value, number);
      // Of sockets of the Internet, which have it themselves.
      case SocketAbi.SO_ZEROCOPY -> throw Errno.EOPNOTSUPP.exception();
      case SocketAbi.SO_RCVTIMEO_OLD, SocketAbi.SO_RCVTIMEO_NEW -> receiveTimeout = nanos(value);
      case SocketAbi.SO_SNDTIMEO_OLD, SocketAbi.SO_SNDTIMEO_NEW -> sendTimeout = nanos(value);
      default -> {
        if (!isFlag(option)) {
          throw Errno.ENOPROTOOPT.exception();
        }
        put(option, number != 0 ? 1 : 0);
      }
    }
  }

  /** One of the four at most is on (sock_set_timestamp). */
  private void setTimestamp(int option, boolean on) {
    put(SocketAbi.SO_TIMESTAMP, 0);
    put(SocketAbi.SO_TIMESTAMPNS, 0);
    put(SocketAbi.SO_TIMESTAMP_NEW, 0);
    put(SocketAbi.SO_TIMESTAMPNS_NEW, 0);
    put(option, on ? 1 : 0);
  }

  /**
   * SOF_TIMESTAMPING_ flags. EINVAL for those that nobody knows, and for those that ask when
   * something was sent, which nobody tells here.
   */
  private void setTimestamping(int option, int flags) {
    if ((flags & ~TIMESTAMPING_MASK) != 0 || (flags & TIMESTAMPING_SENT) != 0) {
      throw Errno.EINVAL.exception();
    }
    put(SocketAbi.SO_TIMESTAMPING, 0);
    put(SocketAbi.SO_TIMESTAMPING_NEW, 0);
    put(option, flags);
  }

  private static final int TIMESTAMPING_MASK = (1 << 19) - 1;

  /** SOF_TIMESTAMPING_TX_HARDWARE, TX_SOFTWARE, TX_SCHED, TX_ACK, TX_COMPLETION. */
  private static final int TIMESTAMPING_SENT = 1 | 2 | 1 << 8 | 1 << 9 | 1 << 18;

  /** Half of what an int holds, so that doubling stays in it. */
  private static final int FORCED_MAX = Integer.MAX_VALUE / 2;

  private static void require(Credentials who) {
    if (!who.has(Credentials.CAP_NET_ADMIN)) {
      throw Errno.EPERM.exception();
    }
  }

  /** Twice the value, for bookkeeping; a negative one counts as huge (min_t(u32, …)). */
  private static int doubled(int value, int max, int min) {
    int limited = value < 0 ? max : Math.min(value, max);
    return Math.max(limited * 2, min);
  }

  private void setLinger(byte[] value, int on) {
    if (value.length < LINGER_SIZE) {
      throw Errno.EINVAL.exception();
    }
    lingerSeconds = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    put(SocketAbi.SO_LINGER, on != 0 ? 1 : 0);
  }

  /** struct timeval; zero is no timeout, a negative one expires at once (sock_set_timeout). */
  private static long nanos(byte[] value) {
    if (value.length < TIMEVAL_SIZE) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    long seconds = b.getLong(0);
    long micros = b.getLong(8);
    if (micros < 0 || micros >= MICROS) {
      throw Errno.EDOM.exception();
    }
    if (seconds < 0) {
      return 0;
    }
    if (seconds == 0 && micros == 0 || seconds >= Long.MAX_VALUE / 1_000_000_000L - 1) {
      return Long.MAX_VALUE;
    }
    return (seconds * MICROS + micros) * 1000;
  }

  private static byte[] timeval(long nanos) {
    long micros = nanos == Long.MAX_VALUE ? 0 : nanos / 1000;
    return buffer(TIMEVAL_SIZE).putLong(micros / MICROS).putLong(micros % MICROS).array();
  }

  /** An int as getsockopt(2) returns it. */
  public static byte[] word(int value) {
    return buffer(Integer.BYTES).putInt(value).array();
  }

  static byte[] longWord(long value) {
    return buffer(Long.BYTES).putLong(value).array();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
