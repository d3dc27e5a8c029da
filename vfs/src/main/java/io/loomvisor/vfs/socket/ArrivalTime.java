package io.loomvisor.vfs.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The control messages that tell when a message came (socket(7), networking/timestamping.rst):
 * SO_TIMESTAMP and its kin. Stateless.
 */
public final class ArrivalTime {
  private static final long SECOND = 1_000_000_000L;
  private static final long MICRO = 1_000;

  /** SOF_TIMESTAMPING_SOFTWARE: tell what the software has noted; RX_SOFTWARE: note it. */
  private static final int SOFTWARE = 1 << 4;

  private static final int RX_SOFTWARE = 1 << 3;

  private ArrivalTime() {}

  /** Whether the socket wants to know of the next message. */
  public static boolean isWanted(SocketOptions o) {
    return kind(o) != 0 || timestamping(o) != 0;
  }

  private static int kind(SocketOptions o) {
    if (o.flag(SocketAbi.SO_TIMESTAMP)) {
      return SocketAbi.SO_TIMESTAMP;
    }
    if (o.flag(SocketAbi.SO_TIMESTAMPNS)) {
      return SocketAbi.SO_TIMESTAMPNS;
    }
    if (o.flag(SocketAbi.SO_TIMESTAMP_NEW)) {
      return SocketAbi.SO_TIMESTAMP_NEW;
    }
    return o.flag(SocketAbi.SO_TIMESTAMPNS_NEW) ? SocketAbi.SO_TIMESTAMPNS_NEW : 0;
  }

  private static int timestamping(SocketOptions o) {
    int both = SOFTWARE | RX_SOFTWARE;
    if ((o.number(SocketAbi.SO_TIMESTAMPING) & both) == both) {
      return SocketAbi.SO_TIMESTAMPING;
    }
    boolean now = (o.number(SocketAbi.SO_TIMESTAMPING_NEW) & both) == both;
    return now ? SocketAbi.SO_TIMESTAMPING_NEW : 0;
  }

  /**
   * Adds what is wanted; the types of the messages are the options' numbers.
   *
   * @param nanos since 1970
   */
  public static void describe(SocketOptions o, long nanos, List<ControlMessage> out) {
    int kind = kind(o);
    if (kind != 0) {
      boolean micros = kind == SocketAbi.SO_TIMESTAMP || kind == SocketAbi.SO_TIMESTAMP_NEW;
      byte[] data = words(nanos / SECOND, nanos % SECOND / (micros ? MICRO : 1));
      out.add(new ControlMessage(SocketAbi.SOL_SOCKET, kind, data));
    }
    int timestamping = timestamping(o);
    if (timestamping != 0) {
      // struct scm_timestamping: by software, nothing, by hardware.
      byte[] data = words(nanos / SECOND, nanos % SECOND, 0, 0, 0, 0);
      out.add(new ControlMessage(SocketAbi.SOL_SOCKET, timestamping, data));
    }
  }

  private static byte[] words(long... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long v : values) {
      b.putLong(v);
    }
    return b.array();
  }
}
