package io.loomvisor.net.tcp;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import java.lang.foreign.MemorySegment;

/** What the application does with a connection's data: tcp_sendmsg, tcp_recvmsg, tcp_poll. */
final class StreamOperations {
  /** The last write found no room: the next acknowledgement should tell. */
  private boolean noRoom;

  // Reading

  int read(Connection c, byte[] a, int offset, int length, boolean peek) {
    if (c == null) {
      return -Errno.ENOTCONN;
    }
    if (length == 0 && c.receiver.readable() > 0) {
      return 0;
    }
    int n = c.receiver.read(a, offset, length, peek);
    return n > 0 ? taken(c, n, peek) : nothing(c);
  }

  int read(Connection c, MemorySegment m, long offset, int length, boolean peek) {
    if (c == null) {
      return -Errno.ENOTCONN;
    }
    if (length == 0 && c.receiver.readable() > 0) {
      return 0;
    }
    int n = c.receiver.read(m, offset, length, peek);
    return n > 0 ? taken(c, n, peek) : nothing(c);
  }

  int discard(Connection c, int length) {
    if (c == null) {
      return -Errno.ENOTCONN;
    }
    int n = c.receiver.discard(length);
    return n > 0 ? taken(c, n, false) : nothing(c);
  }

  private static int taken(Connection c, int n, boolean peek) {
    if (!peek) {
      c.windowMayOpen();
    }
    return n;
  }

  private static int nothing(Connection c) {
    if (c.error() != 0) {
      return -c.takeError();
    }
    if (c.receiver.finReceived || c.receiveShut) {
      return 0;
    }
    return c.state != State.CLOSED ? -Errno.EAGAIN : c.everOpen() ? 0 : -Errno.ENOTCONN;
  }

  int readUrgent(Connection c, boolean peek) {
    if (c == null) {
      return -Errno.ENOTCONN;
    }
    UrgentData u = c.receiver.urgent;
    if (c.options.outOfBandInline || !u.readable() && !u.expected()) {
      return -Errno.EINVAL;
    }
    return u.readable() ? u.take(peek) : -Errno.EAGAIN;
  }

  // Writing

  int write(Connection c, byte[] a, int offset, int length, boolean more) {
    int room = room(c, length);
    if (room > 0) {
      Sender s = c.sender;
      s.data.ensure(s.queued + room, s.queued);
      s.data.put(s.queued, a, offset, room);
      written(c, room, more && room == length);
    }
    return room;
  }

  int write(Connection c, MemorySegment m, long offset, int length, boolean more) {
    int room = room(c, length);
    if (room > 0) {
      Sender s = c.sender;
      s.data.ensure(s.queued + room, s.queued);
      s.data.put(s.queued, m, offset, room);
      written(c, room, more && room == length);
    }
    return room;
  }

  int writeUrgent(Connection c, byte[] a, int offset, int length) {
    int room = room(c, length);
    if (room > 0) {
      Sender s = c.sender;
      s.data.ensure(s.queued + room, s.queued);
      s.data.put(s.queued, a, offset, room);
      if (room == length) {
        s.urgent = s.queued + room;
      }
      written(c, room, false);
    }
    return room;
  }

  private static void written(Connection c, int n, boolean more) {
    Sender s = c.sender;
    s.queued += n;
    s.more = more;
    if (c.deferred()) {
      c.openDeferred();
    } else {
      s.output();
    }
  }

  /** How much may be written, or a negative errno. */
  private int room(Connection c, int length) {
    if (c == null) {
      return -Errno.EPIPE;
    }
    if (c.error() != 0) {
      return -c.takeError();
    }
    if (c.sendShut || c.state == State.CLOSED) {
      return -Errno.EPIPE;
    }
    if (!c.state.sendOpen() && !c.deferred() && !c.isEarly()) {
      return c.state == State.SYN_SENT || c.state == State.SYN_RECEIVED
          ? -Errno.EAGAIN
          : -Errno.EPIPE;
    }
    if (length == 0) {
      return 0;
    }
    long free = c.options.sendBuffer - c.sender.held();
    if (free <= 0) {
      noRoom = true;
      return -Errno.EAGAIN;
    }
    noRoom = free < length;
    return (int) Math.min(free, length);
  }

  /** True, once, if a writer waits and there is room worth telling of. */
  boolean wantsRoom(Connection c) {
    if (noRoom && writable(c)) {
      noRoom = false;
      return true;
    }
    return false;
  }

  /** Linux's sk_stream_is_writeable: free space is at least half of what is in use. */
  private static boolean writable(Connection c) {
    long held = c.sender.held();
    return c.options.sendBuffer - held >= held / 2 && c.sender.unsent() < notSentLimit(c);
  }

  private static long notSentLimit(Connection c) {
    int own = c.options.notSentLowWater;
    return own > 0 ? own : c.layer.settings().notSentLowWater;
  }

  // Polling

  /** net/ipv4/tcp.c tcp_poll. */
  int readiness(Connection c) {
    int mask = 0;
    boolean closed = c.state == State.CLOSED;
    boolean readEnd = c.receiver.finReceived || c.receiveShut || closed;
    boolean writeEnd = c.sendShut || closed;
    if (readEnd && writeEnd) {
      mask |= Readiness.HUP;
    }
    if (readEnd) {
      mask |= Readiness.IN | Readiness.RDHUP;
    }
    if (c.error() != 0) {
      mask |= Readiness.ERR;
    }
    if (c.deferred()) {
      // tcp_poll: the first write opens it.
      return mask | Readiness.OUT;
    }
    if (c.state == State.SYN_SENT || c.state == State.SYN_RECEIVED && !c.isEarly()) {
      return mask;
    }
    if (c.receiver.available()
        >= Math.max(1, Math.min(c.options.receiveLowWater, c.receiver.capacity()))) {
      mask |= Readiness.IN;
    }
    if (writeEnd) {
      mask |= Readiness.OUT;
    } else if (writable(c)) {
      mask |= Readiness.OUT;
    } else {
      // The poller waits for room now.
      noRoom = true;
    }
    if (c.receiver.urgent.readable()) {
      mask |= Readiness.PRI;
    }
    return mask;
  }
}
