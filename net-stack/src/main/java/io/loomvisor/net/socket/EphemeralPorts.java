package io.loomvisor.net.socket;

import io.loomvisor.net.buffer.FlowKey;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntPredicate;

/**
 * Picks port numbers that an observer cannot guess (RFC 6056): for connections by section 3.3.4
 * (double-hash), which also keeps ports from being reused early for the same peer; otherwise at
 * random (section 3.3.1).
 */
public final class EphemeralPorts {
  /** Linux's ip_local_port_range. */
  public static final int FIRST = 32_768;

  public static final int LAST = 60_999;
  private static final int COUNT = LAST - FIRST + 1;
  private static final int TABLE = 1024;

  private final SipHash offset = SipHash.random();
  private final SipHash index = SipHash.random();
  private final AtomicIntegerArray table = new AtomicIntegerArray(TABLE);

  public EphemeralPorts() {
    for (int i = 0; i < TABLE; i++) {
      table.set(i, ThreadLocalRandom.current().nextInt(COUNT));
    }
  }

  /** A port that {@code taken} accepts, or -EADDRINUSE. */
  public int any(IntPredicate taken) {
    return from(ThreadLocalRandom.current().nextInt(COUNT), taken);
  }

  /** A port for a connection to {@code f}'s peer that {@code taken} accepts, or -EADDRNOTAVAIL. */
  public int forFlow(FlowKey f, IntPredicate taken) {
    long h = offset.hash(f.localHi, f.localLo, f.remoteHi, f.remoteLo, f.remotePort);
    long g = index.hash(f.localHi, f.localLo, f.remoteHi, f.remoteLo, f.remotePort);
    int slot = (int) (g & TABLE - 1);
    int start = Math.floorMod((int) (h >>> 33) + table.getAndIncrement(slot), COUNT);
    int port = from(start, taken);
    return port == -Errno.EADDRINUSE ? -Errno.EADDRNOTAVAIL : port;
  }

  private static int from(int start, IntPredicate taken) {
    for (int i = 0; i < COUNT; i++) {
      int port = FIRST + (start + i) % COUNT;
      if (taken.test(port)) {
        return port;
      }
    }
    return -Errno.EADDRINUSE;
  }
}
