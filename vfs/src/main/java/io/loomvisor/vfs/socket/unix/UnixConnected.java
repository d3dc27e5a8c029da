package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.PeerCredentials;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Sockets that connect before they talk: SOCK_STREAM and SOCK_SEQPACKET. */
abstract class UnixConnected extends UnixSocket {
  /** net.core.somaxconn. */
  private static final int SOMAXCONN = 4096;

  /** Where it is in its life. */
  private sealed interface Phase {
    /** New. */
    record Idle() implements Phase {}

    /** A connect(2) is about to succeed or fail. */
    record Connecting() implements Phase {}

    record Listening(Backlog backlog) implements Phase {}

    /** Connected, for good. */
    record Established() implements Phase {}
  }

  private static final Phase IDLE = new Phase.Idle();
  private static final Phase CONNECTING = new Phase.Connecting();
  private static final Phase ESTABLISHED = new Phase.Established();

  private final AtomicReference<Phase> phase = new AtomicReference<>(IDLE);

  /** In a backlog. */
  private volatile boolean awaitsAccept;

  UnixConnected(UnixSockets family, int type, Credentials owner, int flags) {
    super(family, type, owner, flags);
  }

  /** Another one of this type. */
  abstract UnixConnected another(Credentials owner);

  boolean established() {
    return phase.get() == ESTABLISHED;
  }

  @Override
  boolean connected() {
    return established();
  }

  @Override
  boolean awaitsAccept() {
    return awaitsAccept;
  }

  /** Null if it does not listen. */
  private Backlog backlog() {
    return phase.get() instanceof Phase.Listening l ? l.backlog : null;
  }

  @Override
  protected boolean listening() {
    return backlog() != null;
  }

  @Override
  void pairWith(UnixSocket other, PeerCredentials credentials, int[] groups) {
    setPeer(other);
    setPeerCredentials(credentials, groups);
    phase.set(ESTABLISHED);
  }

  @Override
  public void listen(Caller caller, int wanted) {
    if (address() == null) {
      throw Errno.EINVAL.exception();
    }
    int limit = wanted < 0 || wanted > SOMAXCONN ? SOMAXCONN : wanted;
    Backlog there = backlog();
    if (there == null) {
      Backlog made = new Backlog(limit);
      if (phase.compareAndSet(IDLE, new Phase.Listening(made))) {
        setPeerCredentials(PeerCredentials.ofPeer(caller), caller.credentials().groups());
        return;
      }
      there = backlog();
      if (there == null) {
        throw Errno.EINVAL.exception();
      }
    }
    setPeerCredentials(PeerCredentials.ofPeer(caller), caller.credentials().groups());
    tell(there.setLimit(limit));
  }

  @Override
  public SocketDescription accept() {
    Backlog backlog = backlog();
    if (backlog == null) {
      throw Errno.EINVAL.exception();
    }
    UnixConnected c = backlog.poll();
    if (c == null) {
      throw (queue().shutdown() & ReceiveQueue.RCV_SHUTDOWN) != 0
          ? Errno.EINVAL.exception()
          : Errno.EAGAIN.exception();
    }
    c.awaitsAccept = false;
    tell(backlog.toTell());
    return c;
  }

  @Override
  public boolean connect(WalkContext context, byte[] raw) {
    UnixAddress address = UnixAddress.parse(raw);
    bindForCredentials();
    UnixSocket found = family().find(context, address, type());
    try {
      connect(context, (UnixConnected) found);
    } finally {
      found.release();
    }
    return true;
  }

  private void connect(WalkContext context, UnixConnected listener) {
    Backlog backlog = listener.backlog();
    if (backlog == null || shutForReading(listener)) {
      throw Errno.ECONNREFUSED.exception();
    }
    waitFor(listener);
    check(backlog.room(this));
    if (!phase.compareAndSet(IDLE, CONNECTING)) {
      throw established() ? Errno.EISCONN.exception() : Errno.EINVAL.exception();
    }
    UnixConnected other = null;
    try {
      other = another(context.caller().credentials());
      other.awaitsAccept = true;
      other.shareName(listener.address());
      other.pairWith(
          this, PeerCredentials.ofPeer(context.caller()), context.caller().credentials().groups());
      // Before anybody can accept it and answer.
      setPeer(other);
      setPeerCredentials(listener.peerCredentials(), listener.peerGroups());
      check(backlog.offer(other, this));
      phase.set(ESTABLISHED);
    } finally {
      if (phase.compareAndSet(CONNECTING, IDLE)) {
        setPeer(null);
        setPeerCredentials(PeerCredentials.NOBODY, null);
        if (other != null) {
          other.setPeer(null);
          other.release();
        }
      }
    }
    listener.waitQueue().notifyEvents(READABLE);
  }

  private static void check(Backlog.Offer offer) {
    switch (offer) {
      case TAKEN -> {}
      case FULL -> throw Errno.EAGAIN.exception();
      case CLOSED -> throw Errno.ECONNREFUSED.exception();
    }
  }

  private static boolean shutForReading(UnixSocket s) {
    return (s.queue().shutdown() & ReceiveQueue.RCV_SHUTDOWN) != 0;
  }

  @Override
  void forgetWaiting(UnixSocket sender) {
    super.forgetWaiting(sender);
    Backlog b = backlog();
    if (b != null) {
      b.forget(sender);
    }
  }

  @Override
  public void shutdown(int how) {
    super.shutdown(how);
    Backlog b = backlog();
    if (b != null && shutForReading(this)) {
      tell(b.refuse());
    }
    UnixSocket other = peer();
    if (other != null) {
      int mine = how + 1;
      int theirs =
          ((mine & ReceiveQueue.RCV_SHUTDOWN) != 0 ? ReceiveQueue.SEND_SHUTDOWN : 0)
              | ((mine & ReceiveQueue.SEND_SHUTDOWN) != 0 ? ReceiveQueue.RCV_SHUTDOWN : 0);
      other.queue().addShutdown(theirs);
      other.waitQueue().notifyEvents(ALL_EVENTS);
    }
  }

  /** The peer reads an end, or a reset if something was never read. */
  @Override
  void detach(boolean unread) {
    UnixSocket other = peer();
    if (other != null) {
      if (unread || awaitsAccept) {
        other.setError(Errno.ECONNRESET);
      }
      other.queue().addShutdown(ReceiveQueue.SHUTDOWN_MASK);
      other.waitQueue().notifyEvents(ALL_EVENTS);
    }
    Backlog b = backlog();
    if (b != null) {
      List<UnixConnected> refused = b.close();
      Graveyard.bury(() -> refused.forEach(FileDescription::release));
      tell(b.toTell());
    }
  }

  @Override
  public int readiness(int mask) {
    int events = commonEvents();
    Backlog b = backlog();
    if (b != null) {
      return masked(b.count() > 0 ? events | READABLE : events, mask);
    }
    if (!established()) {
      events |= PollEvents.POLLHUP;
    }
    return masked(sendBuffer().writable() ? events | WRITABLE : events, mask);
  }

  @Override
  int readableBytes() {
    if (listening()) {
      throw Errno.EINVAL.exception();
    }
    return queue().bytes();
  }

  @Override
  void forEachRight(Consumer<FileDescription> action) {
    super.forEachRight(action);
    for (UnixConnected c : waitingConnections()) {
      c.queue().forEachRight(action);
    }
  }

  @Override
  List<Segment> takeQueued() {
    List<Segment> all = new ArrayList<>(super.takeQueued());
    for (UnixConnected c : waitingConnections()) {
      all.addAll(c.queue().clear());
    }
    return all;
  }

  private List<UnixConnected> waitingConnections() {
    Backlog b = backlog();
    return b == null ? List.of() : b.snapshot();
  }

  @Override
  int backlogCount() {
    Backlog b = backlog();
    return b == null ? 0 : b.count();
  }

  @Override
  int backlogLimit() {
    Backlog b = backlog();
    return b == null ? 0 : b.limit();
  }

  @Override
  int[] waitingPeers() {
    return waitingConnections().stream()
        .mapToInt(c -> c.peer() == null ? 0 : (int) UnixSocketRow.shownIno(c.peer()))
        .toArray();
  }

  @Override
  public byte[] acceptedFrom() {
    return peerName();
  }

  /** Checked by both types' sends, in this order. */
  UnixSocket peerForSending() {
    if ((queue().shutdown() & ReceiveQueue.SEND_SHUTDOWN) != 0) {
      throw Errno.EPIPE.exception();
    }
    return peer();
  }

  static void checkOutOfBand(int flags) {
    if ((flags & SocketAbi.MSG_OOB) != 0) {
      throw Errno.EOPNOTSUPP.exception();
    }
  }
}
