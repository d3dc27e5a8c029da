package io.loomvisor.kernel.socket.packet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.kernel.syscall.socket.SocketFamily;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Refusals;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;

/** AF_PACKET. */
public final class PacketFamily implements SocketFamily {
  private final LazyNetwork network;
  private final SocketFilesystem inodes;
  private final PageStore pages;

  public PacketFamily(LazyNetwork network, SocketFilesystem inodes, PageStore pages) {
    this.network = network;
    this.inodes = inodes;
    this.pages = pages;
  }

  @Override
  public int domain() {
    return SocketAbi.AF_PACKET;
  }

  /** The protocol is in network order. */
  @Override
  public SocketDescription create(Task task, int type, int protocol, int flags) {
    Credentials owner = task.credentials();
    if (network.host() != null) {
      Refusals.report(task.threadGroupId(), "packet sockets of the host's network");
      throw Errno.EAFNOSUPPORT.exception();
    }
    if (!owner.has(Credentials.CAP_NET_RAW)) {
      throw Errno.EPERM.exception();
    }
    if (type != SocketAbi.SOCK_RAW && type != SocketAbi.SOCK_DGRAM) {
      throw Errno.ESOCKTNOSUPPORT.exception();
    }
    int wanted = Short.reverseBytes((short) protocol) & 0xffff;
    return new PacketSocket(inodes, network.get(), pages, type, wanted, owner, flags);
  }
}
