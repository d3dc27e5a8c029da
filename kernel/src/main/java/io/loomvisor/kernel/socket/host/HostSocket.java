package io.loomvisor.kernel.socket.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.HostSocketOptions;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.client.DonatedSocket;
import io.loomvisor.gofer.host.MessageCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.gofer.wire.SocketRequest;
import io.loomvisor.kernel.socket.inet.InterfaceRequests;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.Refusals;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A socket of the host. Arguments go to the host's kernel as they are, but for what is checked for
 * the caller's sake, whose rights are not the gofer's; so do errors come back.
 */
final class HostSocket extends SocketDescription {
  private static final int NATIVE_EVENTS = 0xffff;
  private static final int ALL_EVENTS =
      PollEvents.ALWAYS_READY
          | PollEvents.POLLERR
          | PollEvents.POLLHUP
          | PollEvents.POLLRDHUP
          | PollEvents.POLLPRI;

  /** Where a struct sockaddr_in and sockaddr_in6 have the port, in network order. */
  private static final int PORT = 2;

  private static final int SIOCATMARK = 0x8905;
  private static final int SIOCOUTQNSD = 0x894B;

  /** What its kind is, for connections that it accepts. */
  record Kind(SocketFilesystem inodes, int domain, int type, int protocol) {}

  private final HostNetwork network;
  private final DonatedSocket host;
  private final Kind kind;
  private final HostMessages messages;

  /** connect(2) has begun a connection of a stream. */
  private volatile byte[] destination;

  private volatile boolean listening;

  HostSocket(HostNetwork network, DonatedSocket host, Kind kind, Credentials owner, int flags) {
    super(kind.inodes(), kind.domain(), kind.type(), shownProtocol(kind), owner, flags);
    this.network = network;
    this.host = host;
    this.kind = kind;
    this.messages = new HostMessages(host.descriptor(), kind.type(), network.buffers());
  }

  private static int shownProtocol(Kind kind) {
    if (kind.protocol() != 0) {
      return kind.protocol();
    }
    return kind.type() == SocketAbi.SOCK_STREAM ? 6 : 17;
  }

  /** The gofer has seen an edge. */
  void happened(int events) {
    int normal = (events & PollEvents.POLLIN) != 0 ? PollEvents.POLLRDNORM : 0;
    normal |= (events & PollEvents.POLLOUT) != 0 ? PollEvents.POLLWRNORM : 0;
    waitQueue().notifyEvents(events | normal);
  }

  /** Nothing will be told any more: whoever waits looks once more. */
  void lost() {
    waitQueue().notifyEvents(ALL_EVENTS);
  }

  @Override
  protected void onRelease() {
    network.close(host);
  }

  @Override
  public int readiness(int mask) {
    return StreamCalls.ready(host.descriptor(), mask & NATIVE_EVENTS);
  }

  @Override
  public void bind(WalkContext context, byte[] address) {
    requirePort(context.caller().credentials(), address);
    network.done(new SocketRequest.Bind(host.handle(), address));
  }

  /** The gofer's rights are the sandbox's, not those of each of its users. */
  private void requirePort(Credentials who, byte[] address) {
    if (type() == SocketAbi.SOCK_RAW || address.length < PORT + 2) {
      return;
    }
    int port = (address[PORT] & 0xff) << 8 | address[PORT + 1] & 0xff;
    if (port != 0
        && port < network.firstUnprivilegedPort()
        && !who.has(Credentials.CAP_NET_BIND_SERVICE)) {
      throw Errno.EACCES.exception();
    }
  }

  @Override
  public void listen(Caller caller, int backlog) {
    network.done(new SocketRequest.Listen(host.handle(), backlog));
    listening = true;
  }

  @Override
  protected boolean listening() {
    return listening;
  }

  /** A look first: it is cheaper than to have the gofer find nothing. */
  @Override
  public SocketDescription accept() {
    if (listening && readiness(PollEvents.POLLIN) == 0) {
      throw Errno.EAGAIN.exception();
    }
    return network.accepted(host.handle(), kind, Credentials.of(inode().uid(), inode().gid()));
  }

  @Override
  public byte[] acceptedFrom() {
    return host.peer();
  }

  @Override
  public boolean connect(WalkContext context, byte[] address) {
    try {
      network.done(new SocketRequest.Connect(host.handle(), address));
      return true;
    } catch (LinuxException e) {
      boolean mayWait = (statusFlags() & OpenFlags.O_NONBLOCK) == 0;
      if (e.errno() == Errno.EINPROGRESS || e.errno() == Errno.EALREADY && mayWait) {
        destination = address;
        return false;
      }
      throw e;
    }
  }

  /** connect(2) once more says what has become of it (__inet_stream_connect). */
  @Override
  public void finishConnect() {
    try {
      network.done(new SocketRequest.Connect(host.handle(), destination));
    } catch (LinuxException e) {
      switch (e.errno()) {
        case EALREADY, EINPROGRESS -> throw Errno.EAGAIN.exception();
        case EISCONN -> {} // another thread may have been told already
        default -> throw e;
      }
    }
  }

  @Override
  public long send(WalkContext context, Sending message) {
    return messages.send(message, (statusFlags() & OpenFlags.O_NONBLOCK) == 0);
  }

  @Override
  public void receive(Reception reception) {
    messages.receive(reception);
  }

  /** Datagrams: shut for reading; who may wait gets an end (__skb_wait_for_more_packets). */
  @Override
  public boolean readsEnd() {
    return type() != SocketAbi.SOCK_STREAM && readiness(PollEvents.POLLRDHUP) != 0;
  }

  @Override
  public void shutdown(int how) {
    MessageCalls.shutdown(host.descriptor(), how);
  }

  @Override
  public byte[] localName() {
    return network.bytes(new SocketRequest.Name(host.handle(), false));
  }

  @Override
  public byte[] peerName() {
    return network.bytes(new SocketRequest.Name(host.handle(), true));
  }

  /** SO_ERROR is asked of the host with all others. */
  @Override
  protected Errno takeError() {
    return null;
  }

  // Options

  @Override
  public int getOption(Caller caller, int level, int option, long address, int room) {
    boolean v4 = domain() == SocketAbi.AF_INET;
    if (v4 && level != SocketAbi.SOL_SOCKET && level != 0 && level != protocol()) {
      throw Errno.EOPNOTSUPP.exception(); // ip_getsockopt; ip_setsockopt says ENOPROTOOPT
    }
    require(caller, level, option);
    int asked = Math.min(room, SocketRequest.MAX_VALUE);
    byte[] value = network.bytes(new SocketRequest.GetOption(host.handle(), level, option, asked));
    caller.copyOut(address, MemorySegment.ofArray(value));
    return value.length;
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    require(caller, level, option);
    boolean ofDevice =
        level == SocketAbi.SOL_SOCKET && option == SocketAbi.SO_BINDTODEVICE && value.length > 0;
    if (ofDevice && value[0] != 0 && !caller.credentials().has(Credentials.CAP_NET_RAW)) {
      throw Errno.EPERM.exception();
    }
    network.done(new SocketRequest.SetOption(host.handle(), level, option, value));
    if (level == SocketAbi.SOL_SOCKET) {
      keep(caller, option, value);
    }
  }

  /** What the calls themselves look at: how long they wait, and for how much. */
  private void keep(Caller caller, int option, byte[] value) {
    switch (option) {
      case SocketAbi.SO_RCVTIMEO_OLD,
          SocketAbi.SO_RCVTIMEO_NEW,
          SocketAbi.SO_SNDTIMEO_OLD,
          SocketAbi.SO_SNDTIMEO_NEW,
          SocketAbi.SO_RCVLOWAT ->
          options().set(caller, option, value);
      default -> {}
    }
  }

  private static void require(Caller caller, int level, int option) {
    if (!HostSocketOptions.has(level, option)) {
      Refusals.report(
          caller.threadGroupId(),
          "option " + option + " of level " + level + " in the host's network");
      throw Errno.ENOPROTOOPT.exception();
    }
  }

  // ioctl

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    if (InterfaceRequests.isChange(request)) {
      throw Errno.EPERM.exception(); // whoever asks
    }
    byte[] value =
        switch (request) {
          case SocketAbi.SIOCINQ -> waiting();
          case SocketAbi.SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK ->
              network.bytes(new SocketRequest.Query(host.handle(), request));
          default -> throw Errno.ENOTTY.exception();
        };
    caller.copyOut(argument, MemorySegment.ofArray(value));
    return 0;
  }

  private byte[] waiting() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(ValueLayout.JAVA_INT);
      StreamCalls.control(host.descriptor(), SocketAbi.SIOCINQ, word);
      return word.toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
