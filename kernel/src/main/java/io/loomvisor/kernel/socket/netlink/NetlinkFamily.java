package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.socket.SocketFamily;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import java.util.Map;
import java.util.function.Supplier;

/** AF_NETLINK: the protocols that somebody serves. */
public final class NetlinkFamily implements SocketFamily {
  /**
   * What the sockets of one protocol share.
   *
   * @param service made when a socket is, as most programs never need the network
   */
  public record Protocol(Supplier<NetlinkService> service, NetlinkGroups groups, PortIds ports) {
    public Protocol(Supplier<NetlinkService> service, NetlinkGroups groups) {
      this(service, groups, new PortIds());
    }
  }

  private final SocketFilesystem inodes;
  private final Map<Integer, Protocol> protocols;

  public NetlinkFamily(SocketFilesystem inodes, Map<Integer, Protocol> protocols) {
    this.inodes = inodes;
    this.protocols = protocols;
  }

  @Override
  public int domain() {
    return SocketAbi.AF_NETLINK;
  }

  @Override
  public SocketDescription create(Task task, int type, int protocol, int flags) {
    if (type != SocketAbi.SOCK_RAW && type != SocketAbi.SOCK_DGRAM) {
      throw Errno.ESOCKTNOSUPPORT.exception();
    }
    Protocol p = protocols.get(protocol);
    if (p == null) {
      throw Errno.EPROTONOSUPPORT.exception();
    }
    return new NetlinkSocket(
        inodes,
        p.ports(),
        p.service().get(),
        p.groups(),
        type,
        protocol,
        task.credentials(),
        flags);
  }
}
