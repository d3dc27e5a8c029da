package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.raw.RawEndpoint;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketFilesystem;
import io.loomvisor.vfs.socket.SocketOptions;
import java.util.Arrays;

/** SOCK_RAW (raw(7)), and SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6 (icmp(7)). */
final class RawSocket extends DatagramSocket {
  static final int IPPROTO_ICMP = 1;
  static final int IPPROTO_ICMPV6 = 58;
  private static final int SOL_IP = 0;
  private static final int IP_HDRINCL = 3;
  private static final int SOL_IPV6 = 41;
  private static final int IPV6_CHECKSUM = 7;
  private static final int SOL_RAW = 255;

  /** The same number for ICMP_FILTER at SOL_RAW and ICMPV6_FILTER at IPPROTO_ICMPV6. */
  private static final int FILTER = 1;

  private static final int FILTER4_SIZE = 4;
  private static final int FILTER6_SIZE = 32;

  private final RawEndpoint endpoint;
  private final boolean echo;

  private RawSocket(
      SocketFilesystem inodes,
      InetNetwork network,
      RawEndpoint endpoint,
      boolean v6,
      int type,
      int protocol,
      Credentials owner,
      int flags) {
    super(inodes, network, endpoint, v6, type, protocol, owner, flags);
    this.endpoint = endpoint;
    echo = type == SocketAbi.SOCK_DGRAM;
    network.opened(this);
  }

  @Override
  protected void onRelease() {
    network().closed(this);
    super.onRelease();
  }

  static RawSocket raw(
      SocketFilesystem inodes,
      InetNetwork network,
      boolean v6,
      int protocol,
      Credentials owner,
      int flags) {
    RawEndpoint endpoint = network.raw().open(v6, protocol);
    return new RawSocket(inodes, network, endpoint, v6, SocketAbi.SOCK_RAW, protocol, owner, flags);
  }

  static RawSocket echo(
      SocketFilesystem inodes, InetNetwork network, boolean v6, Credentials owner, int flags) {
    int protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
    RawEndpoint endpoint = network.raw().openEcho(v6);
    return new RawSocket(
        inodes, network, endpoint, v6, SocketAbi.SOCK_DGRAM, protocol, owner, flags);
  }

  /** Not ports but identifiers, or nothing. */
  @Override
  boolean hasPrivilegedPorts() {
    return false;
  }

  @Override
  SocketAddress connectTo(byte[] raw) {
    return InetAddresses.parse(raw, v6());
  }

  /** raw_sendmsg still takes AF_UNSPEC for AF_INET; ping_v4_sendmsg does not. */
  @Override
  SocketAddress destination(byte[] raw) {
    boolean unspecified = InetAddresses.family(raw) == SocketAbi.AF_UNSPEC;
    if (!v6() && !echo && unspecified && raw.length >= 16) {
      return InetAddresses.read4(raw);
    }
    return InetAddresses.parse(raw, v6());
  }

  @Override
  int transmit(SocketAddress to, Sending message) {
    byte[] bytes = message.read((int) message.data().remaining());
    return endpoint.send(to == null ? null : to.address(), bytes, 0, bytes.length);
  }

  // Options

  /** ICMP_FILTER: a word of which each bit blocks a type; of another protocol EOPNOTSUPP. */
  private boolean isFilter(int level, int option) {
    if (echo || option != FILTER || level != (v6() ? IPPROTO_ICMPV6 : SOL_RAW)) {
      return false;
    }
    if (!v6() && protocol() != IPPROTO_ICMP) {
      throw Errno.EOPNOTSUPP.exception();
    }
    return !v6() || protocol() == IPPROTO_ICMPV6;
  }

  private boolean isChecksum(int level, int option) {
    return v6() && !echo && option == IPV6_CHECKSUM && (level == SOL_IPV6 || level == SOL_RAW);
  }

  private boolean isHeaderIncluded(int level, int option) {
    return !v6() && !echo && level == SOL_IP && option == IP_HDRINCL;
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (isFilter(level, option)) {
      int size = v6() ? FILTER6_SIZE : FILTER4_SIZE;
      byte[] filter = endpoint.filter();
      byte[] whole = Arrays.copyOf(filter, size);
      System.arraycopy(value, 0, whole, 0, Math.min(value.length, size));
      endpoint.filter(whole);
    } else if (isChecksum(level, option)) {
      if (level == SOL_IPV6 && protocol() == IPPROTO_ICMPV6) {
        // The ICMPv6 checksum is not to be turned off; the level raw may (do_rawv6_setsockopt).
        throw Errno.EINVAL.exception();
      }
      check(endpoint.checksum(SocketOptions.numberIn(value)));
    } else if (isHeaderIncluded(level, option)) {
      endpoint.headerIncluded(number(level, value) != 0);
    } else {
      super.setOption(caller, level, option, value);
    }
  }

  @Override
  public byte[] getOption(int level, int option) {
    if (isFilter(level, option)) {
      return Arrays.copyOf(endpoint.filter(), v6() ? FILTER6_SIZE : FILTER4_SIZE);
    }
    if (isChecksum(level, option)) {
      return SocketOptions.word(endpoint.checksum());
    }
    if (isHeaderIncluded(level, option)) {
      return SocketOptions.word(endpoint.headerIncluded() ? 1 : 0);
    }
    return super.getOption(level, option);
  }
}
