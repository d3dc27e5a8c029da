package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.socket.SocketFamily;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;

/** AF_INET or AF_INET6. */
public final class InetFamily implements SocketFamily {
  private final LazyNetwork network;
  private final SocketFilesystem inodes;
  private final boolean v6;

  public InetFamily(LazyNetwork network, SocketFilesystem inodes, boolean v6) {
    this.network = network;
    this.inodes = inodes;
    this.v6 = v6;
  }

  @Override
  public int domain() {
    return v6 ? SocketAbi.AF_INET6 : SocketAbi.AF_INET;
  }

  /** The lookup of inet_create: an unknown protocol of a known type, else an unknown type. */
  @Override
  public SocketDescription create(Task task, int type, int protocol, int flags) {
    Credentials owner = task.credentials();
    HostSockets host = network.host();
    if (host != null) {
      return host.create(task, inodes, v6, type, protocol, flags);
    }
    return switch (type) {
      case SocketAbi.SOCK_STREAM -> {
        requireProtocol(protocol, TcpSocket.IPPROTO_TCP);
        yield TcpSocket.create(inodes, network.get(), v6, owner, flags);
      }
      case SocketAbi.SOCK_DGRAM -> {
        if (protocol == (v6 ? RawSocket.IPPROTO_ICMPV6 : RawSocket.IPPROTO_ICMP)) {
          network.pingGroups().require(owner);
          yield RawSocket.echo(inodes, network.get(), v6, owner, flags);
        }
        requireProtocol(protocol, UdpSocket.IPPROTO_UDP);
        yield new UdpSocket(inodes, network.get(), v6, owner, flags);
      }
      case SocketAbi.SOCK_RAW -> {
        requireRaw(owner, protocol);
        yield RawSocket.raw(inodes, network.get(), v6, protocol, owner, flags);
      }
      default -> throw Errno.ESOCKTNOSUPPORT.exception();
    };
  }

  private static void requireRaw(Credentials owner, int protocol) {
    if (protocol < 0 || protocol > 255) {
      throw Errno.EINVAL.exception();
    }
    if (protocol == 0) {
      throw Errno.EPROTONOSUPPORT.exception();
    }
    if (!owner.has(Credentials.CAP_NET_RAW)) {
      throw Errno.EPERM.exception();
    }
  }

  private static void requireProtocol(int given, int expected) {
    if (given < 0 || given > 255) {
      throw Errno.EINVAL.exception();
    }
    if (given != 0 && given != expected) {
      throw Errno.EPROTONOSUPPORT.exception();
    }
  }
}
