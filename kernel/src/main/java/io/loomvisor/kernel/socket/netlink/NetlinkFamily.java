package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.kernel.syscall.socket.SocketFamily;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;

/** AF_NETLINK. */
public final class NetlinkFamily implements SocketFamily {
  private final SocketFilesystem inodes;
  private final PortIds ports = new PortIds();
  private final LazyNetwork network;

  public NetlinkFamily(LazyNetwork network, SocketFilesystem inodes) {
    this.inodes = inodes;
    this.network = network;
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
    if (protocol != NetlinkAbi.NETLINK_ROUTE) {
      throw Errno.EPROTONOSUPPORT.exception();
    }
    return new RouteSocket(
        inodes, ports, new RouteAnswers(network.get().ip()), type, task.credentials(), flags);
  }
}
