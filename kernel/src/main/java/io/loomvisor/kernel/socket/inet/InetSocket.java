package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.xtables.OriginalDestination;
import io.loomvisor.kernel.socket.xtables.XtablesOptions;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import io.loomvisor.vfs.socket.SocketOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** What sockets of the Internet have in common: addresses, options, readiness. */
public abstract class InetSocket extends SocketDescription {
  static final int MSG_MORE = 0x8000;
  private static final int FIRST_UNPRIVILEGED_PORT = 1024;
  private static final int SOL_IP = 0;

  private final InetNetwork network;
  private final boolean v6;
  private final AtomicInteger shutDown = new AtomicInteger();

  InetSocket(
      SocketFilesystem inodes,
      InetNetwork network,
      boolean v6,
      int type,
      int protocol,
      Credentials owner,
      int flags) {
    super(inodes, v6 ? SocketAbi.AF_INET6 : SocketAbi.AF_INET, type, protocol, owner, flags);
    this.network = network;
    this.v6 = v6;
  }

  final InetNetwork network() {
    return network;
  }

  final boolean v6() {
    return v6;
  }

  /** The result of an endpoint's operation; a negative one is an errno. */
  static int check(int result) {
    if (result < 0) {
      throw Errno.of(-result).exception();
    }
    return result;
  }

  /** Readiness bits are poll's; these come with the older names for the same. */
  static int pollEvents(int readiness) {
    int events = readiness;
    if ((readiness & PollEvents.POLLIN) != 0) {
      events |= PollEvents.POLLRDNORM;
    }
    if ((readiness & PollEvents.POLLOUT) != 0) {
      events |= PollEvents.POLLWRNORM;
    }
    return events;
  }

  /** Told by the endpoint, on any thread. */
  final void ready(int events) {
    waitQueue().notifyEvents(pollEvents(events));
  }

  abstract int endpointReadiness();

  /** The value, or a negative errno. */
  public abstract int endpointOption(SocketOption option);

  abstract int setEndpointOption(SocketOption option, int value);

  abstract int bindEndpoint(SocketAddress address);

  abstract SocketAddress localAddress();

  /** Null if there is none. */
  abstract SocketAddress peerAddress();

  /** TCP's number of the state; UDP shows ESTABLISHED or CLOSE. */
  abstract int stateNumber();

  /** Bytes waiting to be read. */
  abstract int unread();

  abstract int unsent();

  @Override
  public final int readiness(int mask) {
    return pollEvents(endpointReadiness()) & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
  }

  @Override
  public final void bind(WalkContext context, byte[] raw) {
    SocketAddress a = bindAddress(raw);
    boolean privileged = a.port() != 0 && a.port() < FIRST_UNPRIVILEGED_PORT;
    if (privileged
        && hasPrivilegedPorts()
        && !context.caller().credentials().has(Credentials.CAP_NET_BIND_SERVICE)) {
      throw Errno.EACCES.exception();
    }
    check(bindEndpoint(a));
  }

  boolean hasPrivilegedPorts() {
    return true;
  }

  /** An AF_UNSPEC that says nothing is AF_INET (__inet_bind). */
  private SocketAddress bindAddress(byte[] raw) {
    if (!v6 && raw.length >= 16 && InetAddresses.family(raw) == SocketAbi.AF_UNSPEC) {
      SocketAddress a = InetAddresses.read4(raw);
      if (a.address().isUnspecified()) {
        return a;
      }
    }
    return InetAddresses.parse(raw, v6);
  }

  @Override
  public final byte[] localName() {
    return InetAddresses.toBytes(localAddress(), v6);
  }

  @Override
  public final byte[] peerName() {
    SocketAddress peer = peerAddress();
    if (peer == null) {
      throw Errno.ENOTCONN.exception();
    }
    return InetAddresses.toBytes(peer, v6);
  }

  // Options

  @Override
  public byte[] getOption(int level, int option) {
    if (level == SocketAbi.SOL_SOCKET) {
      return socketOption(option);
    }
    if (!v6 && level != SOL_IP && level != protocol()) {
      // ip_getsockopt; ip_setsockopt says ENOPROTOOPT.
      throw Errno.EOPNOTSUPP.exception();
    }
    SocketOption o = own(level, option);
    if (o == SocketOption.IPV6_V6ONLY && v6 && v6Only()) {
      return SocketOptions.word(1);
    }
    return SocketOptions.word(check(endpointOption(o)));
  }

  /** Also who is bound to an address of IPv6 hears of IPv6 only, and says so (inet6_bind). */
  public final boolean v6Only() {
    IpAddress own = localAddress().address();
    boolean bound = own.v6() && !own.isMapped() && !own.isUnspecified() && peerAddress() == null;
    return bound || endpointOption(SocketOption.IPV6_V6ONLY) == 1;
  }

  private byte[] socketOption(int option) {
    switch (option) {
      case SocketAbi.SO_BINDTODEVICE -> {
        return deviceName();
      }
      case SocketAbi.SO_MEMINFO -> {
        return row().memoryBytes();
      }
      case SocketAbi.SO_SNDBUFFORCE, SocketAbi.SO_RCVBUFFORCE ->
          throw Errno.ENOPROTOOPT.exception();
      case SocketAbi.SO_TYPE, SocketAbi.SO_DOMAIN, SocketAbi.SO_PROTOCOL, SocketAbi.SO_ERROR -> {
        return super.getOption(SocketAbi.SOL_SOCKET, option);
      }
      default -> {}
    }
    SocketOption o = SocketOption.of(SocketAbi.SOL_SOCKET, option);
    if (o == null) {
      return super.getOption(SocketAbi.SOL_SOCKET, option);
    }
    int value = endpointOption(o);
    // The one whose value may be -1: none was set.
    boolean none = o == SocketOption.SO_INCOMING_CPU && value == -1;
    return SocketOptions.word(none ? value : check(value));
  }

  private byte[] deviceName() {
    int id = check(endpointOption(SocketOption.SO_BINDTOIFINDEX));
    Nic nic = id == 0 ? null : network.ip().nic(id);
    return nic == null ? new byte[0] : (nic.name() + '\0').getBytes(StandardCharsets.ISO_8859_1);
  }

  private static SocketOption own(int level, int option) {
    SocketOption o = SocketOption.of(level, option);
    if (o == null) {
      throw Errno.ENOPROTOOPT.exception();
    }
    return o;
  }

  /** Tables come as one value, from those who may set them. */
  @Override
  public int longestOption(Caller caller, int level, int option) {
    return XtablesOptions.sets(level, option) && caller.credentials().has(Credentials.CAP_NET_ADMIN)
        ? XtablesOptions.LONGEST
        : super.longestOption(caller, level, option);
  }

  @Override
  public int getOption(Caller caller, int level, int option, long address, int room) {
    boolean own = level == SOL_IP || v6;
    if (own && XtablesOptions.gets(level, option)) {
      return XtablesOptions.of(network.xtables(), level).get(caller, option, address, room);
    }
    if (own && OriginalDestination.isOption(level, option)) {
      return originalDestination(caller, level, address, room);
    }
    return super.getOption(caller, level, option, address, room);
  }

  private int originalDestination(Caller caller, int level, long address, int room) {
    OriginalDestination.require(protocol(), room, level);
    SocketAddress to = OriginalDestination.of(network.xtables(), localAddress(), peerAddress());
    byte[] name = InetAddresses.toBytes(to, level != SOL_IP);
    caller.copyOut(address, MemorySegment.ofArray(name));
    return name.length;
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if ((level == SOL_IP || v6) && XtablesOptions.sets(level, option)) {
      XtablesOptions.of(network.xtables(), level).set(caller, option, value);
      return;
    }
    if (level == SocketAbi.SOL_SOCKET) {
      setSocketOption(caller, option, value);
      return;
    }
    check(setEndpointOption(own(level, option), number(level, value)));
  }

  /** Options of IP may be one byte long. */
  static int number(int level, byte[] value) {
    boolean one = level == SOL_IP && value.length > 0 && value.length < Integer.BYTES;
    return one ? value[0] & 0xff : SocketOptions.numberIn(value);
  }

  private void setSocketOption(Caller caller, int option, byte[] value) {
    switch (option) {
      case SocketAbi.SO_BINDTODEVICE -> {
        bindToDevice(caller, value);
        return;
      }
      case SocketAbi.SO_TYPE,
          SocketAbi.SO_DOMAIN,
          SocketAbi.SO_PROTOCOL,
          SocketAbi.SO_ERROR,
          SocketAbi.SO_ACCEPTCONN ->
          throw Errno.ENOPROTOOPT.exception();
      default -> {}
    }
    SocketOption o = SocketOption.of(SocketAbi.SOL_SOCKET, option);
    // The settings of all families check values and rights, and know those that are theirs alone.
    boolean ownAlone =
        o == SocketOption.SO_BINDTOIFINDEX
            || o == SocketOption.SO_INCOMING_CPU
            || o == SocketOption.SO_ZEROCOPY;
    if (!ownAlone) {
      super.setOption(caller, SocketAbi.SOL_SOCKET, option, value);
    }
    if (o != null) {
      check(setEndpointOption(o, number(SocketAbi.SOL_SOCKET, value)));
    }
  }

  private void bindToDevice(Caller caller, byte[] value) {
    int end = 0;
    while (end < value.length && value[end] != 0) {
      end++;
    }
    String name = new String(Arrays.copyOf(value, end), StandardCharsets.ISO_8859_1);
    if (!name.isEmpty() && !caller.credentials().has(Credentials.CAP_NET_RAW)) {
      throw Errno.EPERM.exception();
    }
    int id = 0;
    for (Nic n : network.ip().nics()) {
      id = n.name().equals(name) ? n.id() : id;
    }
    if (id == 0 && !name.isEmpty()) {
      throw Errno.ENODEV.exception();
    }
    check(setEndpointOption(SocketOption.SO_BINDTOIFINDEX, id));
  }

  // ioctl

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    switch (request) {
      case SocketAbi.SIOCINQ -> putInt(caller, argument, unread());
      case SocketAbi.SIOCOUTQ -> putInt(caller, argument, unsent());
      default -> throw Errno.ENOTTY.exception();
    }
    return 0;
  }

  static void putInt(Caller caller, long address, int value) {
    MemorySegment word = MemorySegment.ofArray(new byte[Integer.BYTES]);
    word.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    caller.copyOut(address, word);
  }

  /** RCV_SHUTDOWN 1, SEND_SHUTDOWN 2. */
  public int shutDown() {
    return shutDown.get();
  }

  @Override
  public final void shutdown(int how) {
    if (how < SocketAbi.SHUT_RD || how > SocketAbi.SHUT_RDWR) {
      throw Errno.EINVAL.exception();
    }
    check(shutEndpoint(how != SocketAbi.SHUT_WR, how != SocketAbi.SHUT_RD));
    shutDown.getAndUpdate(old -> old | how + 1);
  }

  abstract int shutEndpoint(boolean read, boolean write);

  /** TCP_CONGESTION's name; of other protocols null. */
  public String congestionControl() {
    return null;
  }

  /** What the tables of sockets show of it. */
  abstract SocketRow row();
}
