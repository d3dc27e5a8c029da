package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.PeerCredentials;
import io.loomvisor.vfs.socket.Rights;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** What all types of AF_UNIX sockets have in common: names, queue, peer, options, the end. */
abstract class UnixSocket extends SocketDescription {
  static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
  static final int WRITABLE = PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND;
  static final int ALL_EVENTS =
      READABLE | WRITABLE | PollEvents.POLLERR | PollEvents.POLLHUP | PollEvents.POLLRDHUP;

  private final UnixSockets family;
  private final ReceiveQueue queue = new ReceiveQueue();
  private final SendBuffer sendBuffer;
  private final BoundName name;
  private final AtomicReference<Errno> error = new AtomicReference<>();

  /** The one whose full queue or backlog this waits for; told when this is closed. */
  private final AtomicReference<UnixSocket> waitsFor = new AtomicReference<>();

  private volatile UnixSocket peer;
  private volatile PeerCredentials peerCredentials = PeerCredentials.NOBODY;
  private volatile int[] peerGroups;

  UnixSocket(UnixSockets family, int type, Credentials owner, int flags) {
    super(family.inodes(), SocketAbi.AF_UNIX, type, 0, owner, flags);
    this.family = family;
    this.sendBuffer = new SendBuffer(options(), family.memory());
    this.name = new BoundName(family, this);
    family.opened(this);
  }

  UnixSockets family() {
    return family;
  }

  ReceiveQueue queue() {
    return queue;
  }

  SendBuffer sendBuffer() {
    return sendBuffer;
  }

  /** Whom it is connected to, open or not; null. */
  UnixSocket peer() {
    return peer;
  }

  void setPeer(UnixSocket other) {
    peer = other;
  }

  void setPeerCredentials(PeerCredentials who, int[] groups) {
    peerCredentials = who;
    peerGroups = groups;
  }

  PeerCredentials peerCredentials() {
    return peerCredentials;
  }

  int[] peerGroups() {
    return peerGroups;
  }

  /** socketpair(2): this one's half. */
  abstract void pairWith(UnixSocket other, PeerCredentials credentials, int[] groups);

  /** As /proc/net/unix has it. */
  abstract boolean connected();

  /** In a backlog: there is no descriptor of it yet. */
  boolean awaitsAccept() {
    return false;
  }

  @Override
  protected boolean listening() {
    return false;
  }

  // Names

  /** The bound name; null if there is none. */
  UnixAddress address() {
    return name.address();
  }

  /** The file of its path; null if it has none. */
  VfsPath boundFile() {
    return name.file();
  }

  // Of a listener

  int backlogCount() {
    return 0;
  }

  int backlogLimit() {
    return 0;
  }

  /** Inode numbers of those that wait to be accepted. */
  int[] waitingPeers() {
    return new int[0];
  }

  /** A connection has its listener's name, without being bound to it. */
  void shareName(UnixAddress listener) {
    name.share(listener);
  }

  @Override
  public void bind(WalkContext context, byte[] raw) {
    if (UnixAddress.isFamilyOnly(raw)) {
      name.choose();
    } else {
      name.bind(context, UnixAddress.parse(raw));
    }
  }

  /** A socket that wants credentials in messages gets a name when it first talks to somebody. */
  void bindForCredentials() {
    if (passesCredentials()) {
      name.choose();
    }
  }

  @Override
  public byte[] localName() {
    return nameOf(this);
  }

  @Override
  public byte[] peerName() {
    UnixSocket p = peer;
    if (p == null) {
      throw Errno.ENOTCONN.exception();
    }
    return nameOf(p);
  }

  private static byte[] nameOf(UnixSocket socket) {
    UnixAddress a = socket.address();
    return a == null ? UnixAddress.unnamed() : a.toBytes();
  }

  /** As the source of a message: null if the sender has no name. */
  static byte[] sourceName(UnixSocket sender) {
    UnixAddress a = sender.address();
    return a == null ? null : a.toBytes();
  }

  // Messages

  boolean passesCredentials() {
    return options().flag(SocketAbi.SO_PASSCRED);
  }

  /** What a message of this socket to {@code other} carries. */
  PeerCredentials credentialsFor(WalkContext context, Sending message, UnixSocket other) {
    if (message.credentials() != null) {
      return message.credentials();
    }
    boolean wanted = passesCredentials() || other.passesCredentials() || other.awaitsAccept();
    return wanted && context != null
        ? PeerCredentials.ofSender(context.caller())
        : PeerCredentials.UNKNOWN;
  }

  /** Takes references for the queue and counts them as in flight; ETOOMANYREFS. */
  void enterFlight(Rights rights) {
    if (rights.isEmpty()) {
      return;
    }
    rights.retained();
    try {
      family.inFlight().enter(rights);
    } catch (RuntimeException | Error e) {
      rights.release();
      throw e;
    }
  }

  /** The message did not go. */
  void cancelFlight(Rights rights) {
    leaveFlight(rights);
    rights.release();
  }

  void leaveFlight(Rights rights) {
    family.inFlight().leave(rights);
  }

  /** What was sent has been read: there may be room to send more. */
  void uncharge(int amount) {
    if (amount != 0 && sendBuffer.uncharge(amount)) {
      waitQueue().notifyEvents(WRITABLE);
    }
  }

  /** Messages were taken out here: tells those who waited for that. */
  void tellRoom() {
    tell(queue.toTell());
  }

  static void tell(List<UnixSocket> waiting) {
    for (UnixSocket s : waiting) {
      s.waitQueue().notifyEvents(WRITABLE);
    }
  }

  /** This waits for {@code other}'s queue or backlog now, and for no other. */
  void waitFor(UnixSocket other) {
    UnixSocket before = waitsFor.getAndSet(other);
    if (before != null && before != other) {
      before.forgetWaiting(this);
    }
  }

  void forgetWaiting(UnixSocket sender) {
    queue.forget(sender);
  }

  // Errors, shutdown, the end

  void setError(Errno e) {
    error.set(e);
  }

  boolean hasError() {
    return error.get() != null;
  }

  @Override
  protected Errno takeError() {
    return error.getAndSet(null);
  }

  void throwError() {
    Errno e = takeError();
    if (e != null) {
      throw e.exception();
    }
  }

  @Override
  public void shutdown(int how) {
    if (how < SocketAbi.SHUT_RD || how > SocketAbi.SHUT_RDWR) {
      throw Errno.EINVAL.exception();
    }
    queue.addShutdown(how + 1);
    waitQueue().notifyEvents(ALL_EVENTS);
    tellRoom();
  }

  @Override
  protected void onRelease() {
    family.closed(this);
    List<Segment> unread = queue.close();
    name.release();
    waitFor(null);
    detach(!unread.isEmpty());
    Graveyard.bury(
        () -> {
          unread.forEach(family::discard);
          tellRoom();
        },
        family::collectGarbage);
  }

  /** Takes leave of the peer. */
  abstract void detach(boolean unread);

  /** Every descriptor on its way to this socket; for {@link InFlight}. */
  void forEachRight(Consumer<FileDescription> action) {
    queue.forEachRight(action);
  }

  /** Takes out what is on its way to this socket. */
  List<Segment> takeQueued() {
    return queue.clear();
  }

  /** The events that all types report alike. */
  int commonEvents() {
    int shut = queue.shutdown();
    int events = hasError() ? PollEvents.POLLERR : 0;
    if (shut == ReceiveQueue.SHUTDOWN_MASK) {
      events |= PollEvents.POLLHUP;
    }
    if ((shut & ReceiveQueue.RCV_SHUTDOWN) != 0) {
      events |= PollEvents.POLLRDHUP | READABLE;
    }
    if (queue.count() > 0) {
      events |= READABLE;
    }
    return events;
  }

  static int masked(int events, int mask) {
    return events & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
  }

  // Options and ioctl

  @Override
  public byte[] getOption(int level, int option) {
    if (level == SocketAbi.SOL_SOCKET) {
      switch (option) {
        case SocketAbi.SO_PEERCRED -> {
          return peerCredentials.toBytes();
        }
        case SocketAbi.SO_PEERGROUPS -> {
          return groupBytes();
        }
        case SocketAbi.SO_PASSCRED, SocketAbi.SO_PEEK_OFF -> {
          return SocketOptions.word(options().number(option));
        }
        default -> {}
      }
    }
    return super.getOption(level, option);
  }

  private byte[] groupBytes() {
    int[] groups = peerGroups;
    if (groups == null) {
      throw Errno.ENODATA.exception();
    }
    ByteBuffer b =
        ByteBuffer.allocate(groups.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int g : groups) {
      b.putInt(g);
    }
    return b.array();
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (level == SocketAbi.SOL_SOCKET) {
      int number = SocketOptions.numberIn(value);
      switch (option) {
        case SocketAbi.SO_PASSCRED -> {
          options().put(option, number != 0 ? 1 : 0);
          return;
        }
        case SocketAbi.SO_PEEK_OFF -> {
          options().put(option, Math.max(-1, number));
          return;
        }
        case SocketAbi.SO_REUSEPORT -> {
          if (number != 0) {
            throw Errno.EOPNOTSUPP.exception();
          }
        }
        default -> {}
      }
    }
    super.setOption(caller, level, option, value);
    if (level == SocketAbi.SOL_SOCKET
        && (option == SocketAbi.SO_SNDBUF || option == SocketAbi.SO_SNDBUFFORCE)) {
      waitQueue().notifyEvents(WRITABLE);
    }
  }

  /** Where MSG_PEEK begins (SO_PEEK_OFF). */
  int peekOffset() {
    return Math.max(0, options().number(SocketAbi.SO_PEEK_OFF));
  }

  /** After a peek of {@code bytes}, or with a negative number a read. */
  void movePeekOffset(int bytes) {
    int now = options().number(SocketAbi.SO_PEEK_OFF);
    if (now >= 0) {
      options().put(SocketAbi.SO_PEEK_OFF, Math.max(0, now + bytes));
    }
  }

  /** Bytes that FIONREAD tells of. */
  abstract int readableBytes();

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    int value =
        switch (request) {
          case SocketAbi.SIOCINQ -> readableBytes();
          case SocketAbi.SIOCOUTQ -> sendBuffer.queued();
          default -> throw Errno.ENOTTY.exception();
        };
    MemorySegment word = MemorySegment.ofArray(new byte[Integer.BYTES]);
    word.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    caller.copyOut(argument, word);
    return 0;
  }
}
