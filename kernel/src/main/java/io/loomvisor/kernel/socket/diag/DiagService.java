package io.loomvisor.kernel.socket.diag;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.kernel.socket.netlink.NetlinkRequest;
import io.loomvisor.kernel.socket.netlink.NetlinkService;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.unix.UnixSockets;
import java.util.List;

/** NETLINK_SOCK_DIAG: finds who tells of a family. */
public final class DiagService implements NetlinkService {
  private final InetDiag inet;
  private final UnixDiag unix;

  public DiagService(LazyNetwork network, UnixSockets sockets) {
    inet = new InetDiag(network);
    unix = new UnixDiag(sockets);
  }

  /** ENOENT for a family of which nothing is told; the tools then look into /proc/net. */
  @Override
  public List<byte[]> answer(NetlinkRequest request) {
    boolean old = request.type() == DiagAbi.TCPDIAG_GETSOCK;
    if ((old || request.type() == DiagAbi.DCCPDIAG_GETSOCK) && request.isDump()) {
      // Tools that do not find DCCP try this, too.
      return List.of(request.done(Errno.ENOENT));
    }
    if (request.type() != DiagAbi.SOCK_DIAG_BY_FAMILY || !request.payload().hasRemaining()) {
      throw Errno.EINVAL.exception();
    }
    int family = request.payload().get(0) & 0xff;
    return switch (family) {
      case SocketAbi.AF_INET, SocketAbi.AF_INET6 -> inet.answer(request);
      case SocketAbi.AF_UNIX -> unix.answer(request);
      default -> throw (family < SocketAbi.AF_MAX ? Errno.ENOENT : Errno.EINVAL).exception();
    };
  }
}
