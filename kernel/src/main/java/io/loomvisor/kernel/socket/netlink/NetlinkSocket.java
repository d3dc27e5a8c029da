package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.mqueue.CookieReceiver;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import io.loomvisor.vfs.socket.SocketOptions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** A netlink socket. struct sockaddr_nl is twelve bytes: family, padding, port id, groups. */
final class NetlinkSocket extends SocketDescription implements CookieReceiver {
  private static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
  private static final int ADDRESS_SIZE = 12;

  /** A datagram holds messages up to this size, unless one alone is longer. */
  private static final int DATAGRAM = 8192;

  private static final int SEND_RESERVE = 32;

  private final PortIds ports;
  private final NetlinkService service;
  private final NetlinkGroups groups;
  private final AnswerQueue queue = new AnswerQueue();
  private final AtomicReference<Errno> error = new AtomicReference<>();

  /** The port id; 0 before it has one. */
  private final AtomicInteger port = new AtomicInteger();

  private final AtomicInteger flagOptions = new AtomicInteger();

  /** One bit for each group that this has joined; group 1 is the lowest. */
  private final AtomicLong joined = new AtomicLong();

  NetlinkSocket(
      SocketFilesystem inodes,
      PortIds ports,
      NetlinkService service,
      NetlinkGroups groups,
      int type,
      int protocol,
      Credentials owner,
      int flags) {
    super(inodes, SocketAbi.AF_NETLINK, type, protocol, owner, flags);
    this.ports = ports;
    this.service = service;
    this.groups = groups;
    groups.add(this);
  }

  @Override
  protected void onRelease() {
    groups.remove(this);
    ports.give(port.get());
  }

  private static ByteBuffer address(byte[] raw, boolean unspecifiedToo) {
    if (raw.length < ADDRESS_SIZE) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    int family = b.getShort(0);
    if (family != SocketAbi.AF_NETLINK && !(unspecifiedToo && family == SocketAbi.AF_UNSPEC)) {
      throw Errno.EINVAL.exception();
    }
    return b;
  }

  @Override
  public void bind(WalkContext context, byte[] raw) {
    ByteBuffer b = address(raw, false);
    int wanted = b.getInt(4);
    int now = port.get();
    if (now != 0 && wanted != now) {
      if (wanted != 0) {
        throw Errno.EINVAL.exception();
      }
    } else if (now == 0) {
      take(wanted == 0 ? ports.choose(context.caller().threadGroupId()) : ports.take(wanted));
    }
    joined.set(Integer.toUnsignedLong(b.getInt(8)));
  }

  private void take(int id) {
    if (!port.compareAndSet(0, id)) {
      ports.give(id);
    }
  }

  private void bindToAny(Caller caller) {
    if (port.get() == 0) {
      take(ports.choose(caller.threadGroupId()));
    }
  }

  @Override
  public boolean connect(WalkContext context, byte[] raw) {
    ByteBuffer b = address(raw, true);
    if (b.getShort(0) != SocketAbi.AF_UNSPEC) {
      checkDestination(b);
      bindToAny(context.caller());
    }
    return true;
  }

  /** Only the kernel, port 0, is there to be talked to. */
  private static void checkDestination(ByteBuffer address) {
    if (address.getInt(4) != 0) {
      throw Errno.ECONNREFUSED.exception();
    }
  }

  @Override
  public long send(WalkContext context, Sending message) {
    if (message.has(SocketAbi.MSG_OOB)) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (message.address() != null) {
      checkDestination(address(message.address(), false));
    }
    if (context == null) {
      throw Errno.EDESTADDRREQ.exception();
    }
    bindToAny(context.caller());
    long length = message.data().remaining();
    if (length > options().number(SocketAbi.SO_SNDBUF) - SEND_RESERVE) {
      throw Errno.EMSGSIZE.exception();
    }
    serve(message.read((int) length), context.caller().credentials());
    return length;
  }

  /** One request after the other; what is cut off is ignored (netlink_rcv_skb). */
  private void serve(byte[] bytes, Credentials sender) {
    int at = 0;
    while (bytes.length - at >= MessageWriter.HEADER) {
      ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int length = b.getInt(at);
      if (length < MessageWriter.HEADER || length > bytes.length - at) {
        return;
      }
      request(b.slice(at, length).order(ByteOrder.LITTLE_ENDIAN), sender);
      at += Math.min(length + 3 & ~3, bytes.length - at);
    }
  }

  private void request(ByteBuffer r, Credentials sender) {
    int type = r.getShort(4) & 0xffff;
    int flags = r.getShort(6) & 0xffff;
    int sequence = r.getInt(8);
    Errno failure = null;
    if ((flags & NetlinkAbi.NLM_F_REQUEST) != 0 && type >= NetlinkAbi.NLMSG_MIN_TYPE) {
      try {
        int length = r.limit() - MessageWriter.HEADER;
        ByteBuffer payload = r.slice(MessageWriter.HEADER, length).order(ByteOrder.LITTLE_ENDIAN);
        NetlinkRequest request =
            new NetlinkRequest(type, flags, sequence, port.get(), payload, sender);
        deliver(service.answer(request));
        if (request.isDump()) {
          return;
        }
      } catch (LinuxException e) {
        failure = e.errno();
      }
    }
    if (failure != null || (flags & NetlinkAbi.NLM_F_ACK) != 0) {
      deliver(List.of(acknowledgement(r, failure, sequence)));
    }
  }

  /** An error comes with the whole request, success with its header. */
  private byte[] acknowledgement(ByteBuffer request, Errno failure, int sequence) {
    byte[] echo = new byte[failure == null ? MessageWriter.HEADER : request.limit()];
    request.get(0, echo);
    return new MessageWriter(NetlinkAbi.NLMSG_ERROR, 0, sequence, port.get())
        .u32(failure == null ? 0 : -failure.number())
        .bytes(echo)
        .finish();
  }

  /** mq_notify(2) with SIGEV_THREAD: what the C library sleeps for on such a socket. */
  @Override
  public void deliver(byte[] datagram) {
    enqueue(List.of(datagram), datagram.length, 0);
  }

  /** A message to all members of a group. */
  void announce(int group, byte[] message) {
    if ((joined.get() >>> group - 1 & 1) != 0) {
      enqueue(List.of(message), message.length, group);
    }
  }

  /** Packs messages into datagrams. */
  private void deliver(List<byte[]> messages) {
    List<byte[]> packed = new ArrayList<>();
    int size = 0;
    for (byte[] m : messages) {
      if (size > 0 && size + m.length > DATAGRAM) {
        enqueue(packed, size, 0);
        packed.clear();
        size = 0;
      }
      packed.add(m);
      size += m.length;
    }
    if (size > 0) {
      enqueue(packed, size, 0);
    }
  }

  private void enqueue(List<byte[]> messages, int size, int group) {
    ByteBuffer all = ByteBuffer.allocate(size);
    messages.forEach(all::put);
    if (queue.add(
        new AnswerQueue.Datagram(all.array(), group), options().number(SocketAbi.SO_RCVBUF))) {
      waitQueue().notifyEvents(READABLE);
    } else {
      error.set(Errno.ENOBUFS);
      waitQueue().notifyEvents(PollEvents.POLLERR);
    }
  }

  @Override
  public void receive(Reception reception) {
    if (reception.has(SocketAbi.MSG_OOB)) {
      throw Errno.EOPNOTSUPP.exception();
    }
    Errno e = takeError();
    if (e != null) {
      throw e.exception();
    }
    AnswerQueue.Datagram next = queue.next(reception.has(SocketAbi.MSG_PEEK));
    if (next == null) {
      throw Errno.EAGAIN.exception();
    }
    reception.message(next.bytes());
    int group = next.group();
    reception.setAddress(name(0, group == 0 || group > Integer.SIZE ? 0 : 1 << group - 1));
  }

  @Override
  public void shutdown(int how) {
    throw Errno.EOPNOTSUPP.exception();
  }

  private static byte[] name(int id, int groups) {
    return ByteBuffer.allocate(ADDRESS_SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) SocketAbi.AF_NETLINK)
        .putShort((short) 0)
        .putInt(id)
        .putInt(groups)
        .array();
  }

  @Override
  public byte[] localName() {
    return name(port.get(), (int) joined.get());
  }

  @Override
  public byte[] peerName() {
    return name(0, 0);
  }

  @Override
  protected Errno takeError() {
    return error.getAndSet(null);
  }

  @Override
  protected boolean listening() {
    return false;
  }

  @Override
  public int readiness(int mask) {
    int events = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
    events |= queue.bytes() > 0 ? READABLE : 0;
    events |= error.get() != null ? PollEvents.POLLERR : 0;
    return events & (mask | PollEvents.POLLERR);
  }

  /** The options of level SOL_NETLINK up to here are flags that change nothing here. */
  private static final int LAST_OPTION = 12;

  /** RTNLGRP_MAX; other protocols have fewer. */
  private static final int LAST_GROUP = 36;

  private static final int ADD_MEMBERSHIP = 1;
  private static final int DROP_MEMBERSHIP = 2;

  @Override
  public byte[] getOption(int level, int option) {
    if (level != NetlinkAbi.SOL_NETLINK) {
      return super.getOption(level, option);
    }
    if (option <= DROP_MEMBERSHIP || option > LAST_OPTION) {
      throw Errno.ENOPROTOOPT.exception();
    }
    return SocketOptions.word(flagOptions.get() >>> option & 1);
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (level != NetlinkAbi.SOL_NETLINK) {
      super.setOption(caller, level, option, value);
      return;
    }
    if (option < ADD_MEMBERSHIP || option > LAST_OPTION) {
      throw Errno.ENOPROTOOPT.exception();
    }
    if (option <= DROP_MEMBERSHIP) {
      member(SocketOptions.numberIn(value), option == ADD_MEMBERSHIP);
      return;
    }
    boolean on = SocketOptions.numberIn(value) != 0;
    int bit = 1 << option;
    flagOptions.getAndUpdate(f -> on ? f | bit : f & ~bit);
  }

  /** EINVAL for a group that the protocol cannot have. */
  private void member(int group, boolean add) {
    if (group < 1 || group > LAST_GROUP) {
      throw Errno.EINVAL.exception();
    }
    long bit = 1L << group - 1;
    joined.getAndUpdate(old -> add ? old | bit : old & ~bit);
  }

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    if (request != SocketAbi.SIOCINQ) {
      throw Errno.ENOTTY.exception();
    }
    MemorySegment word = MemorySegment.ofArray(SocketOptions.word(queue.firstLength()));
    caller.copyOut(argument, word);
    return 0;
  }
}
