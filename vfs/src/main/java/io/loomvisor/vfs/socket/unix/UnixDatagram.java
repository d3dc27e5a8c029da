package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.PeerCredentials;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import java.util.List;

/** SOCK_DGRAM: messages to a name or to the peer, which may be chosen again and again. */
final class UnixDatagram extends UnixSocket {
  UnixDatagram(UnixSockets family, Credentials owner, int flags) {
    super(family, SocketAbi.SOCK_DGRAM, owner, flags);
  }

  @Override
  void pairWith(UnixSocket other, PeerCredentials credentials, int[] groups) {
    setPeer(other);
    setPeerCredentials(credentials, groups);
  }

  @Override
  boolean connected() {
    return peer() != null;
  }

  @Override
  public boolean connect(WalkContext context, byte[] raw) {
    UnixSocket other = null;
    if (UnixAddress.family(raw) != SocketAbi.AF_UNSPEC) {
      UnixAddress address = UnixAddress.parse(raw);
      bindForCredentials();
      other = family().find(context, address, type());
      try {
        if (!accepts(other)) {
          throw Errno.EPERM.exception();
        }
      } finally {
        other.release();
      }
    }
    UnixSocket before = peer();
    setPeer(other);
    if (before != null && before != other) {
      disconnected(before);
    }
    waitQueue().notifyEvents(WRITABLE);
    return true;
  }

  /** Whether {@code other} takes messages from here: it has no peer, or this one. */
  private boolean accepts(UnixSocket other) {
    UnixSocket theirs = other.peer();
    return theirs == null || theirs == this;
  }

  /** What the old peer had sent is lost, and it is told if it was connected here. */
  private void disconnected(UnixSocket before) {
    List<Segment> lost = queue().clear();
    if (lost.isEmpty()) {
      return;
    }
    Graveyard.bury(() -> lost.forEach(family()::discard));
    tellRoom();
    if (!before.queue().closed() && before.peer() == this) {
      before.setError(Errno.ECONNRESET);
      before.waitQueue().notifyEvents(ALL_EVENTS);
    }
  }

  @Override
  public long send(WalkContext context, Sending message) {
    if (message.has(SocketAbi.MSG_OOB)) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (message.address() == null) {
      UnixSocket other = peer();
      if (other == null) {
        throw Errno.ENOTCONN.exception();
      }
      bindForCredentials();
      return sendTo(other, context, message, true);
    }
    UnixAddress address = UnixAddress.parse(message.address());
    bindForCredentials();
    MessageTransfer.checkRoom(this, message);
    UnixSocket other = family().find(context, address, type());
    try {
      return sendTo(other, context, message, false);
    } finally {
      other.release();
    }
  }

  private long sendTo(UnixSocket other, WalkContext context, Sending message, boolean toPeer) {
    long length = message.data().remaining();
    MessageTransfer.checkRoom(this, message);
    if (!accepts(other)) {
      throw Errno.EPERM.exception();
    }
    boolean limited = other != this && other.peer() != this;
    return switch (MessageTransfer.deliver(this, other, context, message, limited)) {
      case TAKEN -> length;
      case FULL -> throw Errno.EAGAIN.exception();
      case SHUT -> throw Errno.EPIPE.exception();
      case CLOSED -> {
        if (toPeer && peer() == other) {
          setPeer(null);
          disconnected(other);
        }
        throw Errno.ECONNREFUSED.exception();
      }
    };
  }

  @Override
  public void receive(Reception reception) {
    if (reception.has(SocketAbi.MSG_OOB)) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (MessageTransfer.receive(this, reception)) {
      return;
    }
    throw Errno.EAGAIN.exception();
  }

  /** Whether a receive that waits need not: there will be no more (__skb_wait_for_more_packets). */
  @Override
  public boolean readsEnd() {
    return (queue().shutdown() & ReceiveQueue.RCV_SHUTDOWN) != 0 && queue().count() == 0;
  }

  /** Whoever is connected to this one finds out when it sends. */
  @Override
  void detach(boolean unread) {}

  @Override
  public int readiness(int mask) {
    int events = commonEvents();
    if ((mask & WRITABLE) != 0 && sendBuffer().writable() && !peerFull()) {
      events |= WRITABLE;
    }
    return masked(events, mask);
  }

  private boolean peerFull() {
    UnixSocket other = peer();
    if (other == null || other == this || other.peer() == this) {
      return false;
    }
    if (other.queue().count() <= MessageTransfer.MAX_QUEUED) {
      return false;
    }
    waitFor(other);
    return other.queue().tellWhenRoom(this, MessageTransfer.MAX_QUEUED);
  }

  @Override
  int readableBytes() {
    return queue().firstLength();
  }
}
