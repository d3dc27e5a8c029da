package io.loomvisor.runtime.network;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.kernel.socket.netlink.MessageWriter;
import io.loomvisor.kernel.socket.netlink.NetlinkAbi;
import io.loomvisor.runtime.host.NetlinkSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log which interfaces come to the namespace after the sandbox has started, and which
 * go: docker network connect, disconnect. A locked sentry can open no socket on a new one, so the
 * sandbox does not get it. One thread, which hears of them by a socket made before the lock.
 */
final class LaterInterfaces {
  private static final Logger LOG = LoggerFactory.getLogger(LaterInterfaces.class);

  private static final int RTMGRP_LINK = 1;
  private static final int IFINFOMSG = 16;
  private static final int IFF_UP = 1;
  private static final int BUFFER = 64 << 10;

  private final int fd;

  /** Names by number: one that is taken away may be renamed before. */
  private final Map<Integer, String> known;

  private LaterInterfaces(int fd, Map<Integer, String> known) {
    this.fd = fd;
    this.known = known;
  }

  /** From now on; {@code known} are there. */
  static void watch(List<HostLink> known) throws IOException {
    Map<Integer, String> names = new HashMap<>();
    known.forEach(l -> names.put(l.index(), l.name()));
    LaterInterfaces watch = new LaterInterfaces(NetlinkSocket.listen(RTMGRP_LINK), names);
    Thread.ofPlatform().daemon().name("interface-watch").start(watch::run);
  }

  private void run() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(BUFFER, 8);
      MemorySegment wait = arena.allocate(StreamCalls.POLLFD_SIZE, 4);
      for (; ; ) {
        wait.set(ValueLayout.JAVA_INT, 0, fd);
        wait.set(ValueLayout.JAVA_SHORT, 4, (short) StreamCalls.POLLIN);
        StreamCalls.poll(wait, 1);
        int n = read(in);
        heard(in.asSlice(0, n).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
      }
    }
  }

  private int read(MemorySegment in) {
    try {
      return StreamCalls.read(fd, in);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOBUFS || e.errno() == Errno.EAGAIN) {
        return 0; // messages were lost, or none has come after all
      }
      throw e;
    }
  }

  private void heard(ByteBuffer b) {
    while (b.remaining() >= MessageWriter.HEADER) {
      int start = b.position();
      int length = b.getInt(start);
      if (length < MessageWriter.HEADER || length > b.remaining()) {
        return;
      }
      int type = b.getShort(start + 4) & 0xffff;
      if (length >= MessageWriter.HEADER + IFINFOMSG) {
        byte[] payload = new byte[length - MessageWriter.HEADER];
        b.get(start + MessageWriter.HEADER, payload);
        changed(new RouteMessage(type, ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN)));
      }
      b.position(Math.min(b.limit(), start + (length + 3 & ~3)));
    }
  }

  private void changed(RouteMessage m) {
    String name = m.text(IFINFOMSG, NetlinkAbi.IFLA_IFNAME);
    if (name == null) {
      return;
    }
    if (m.type() == NetlinkAbi.RTM_DELLINK) {
      String former = known.remove(m.i32(4));
      if (former != null) {
        LOG.warn("Interface {} has been taken away: what the sandbox sends there is lost.", former);
      }
    } else if (m.type() == NetlinkAbi.RTM_NEWLINK
        && up(m)
        && known.putIfAbsent(m.i32(4), name) == null) {
      LOG.warn(
          "Interface {} came after the start: the sandbox does not have it. Start it anew.", name);
    }
  }

  /** It has been given its name and its addresses by then. */
  private static boolean up(RouteMessage m) {
    return (m.i32(8) & IFF_UP) != 0;
  }
}
