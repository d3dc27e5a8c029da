package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.conntrack.Tuple;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.wire.IpProtocol;

/** SO_ORIGINAL_DST: whom the peer of a redirected connection had wanted (getorigdst). */
public final class OriginalDestination {
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int SOCKADDR4 = 16;
  private static final int SOCKADDR6 = 28;

  private OriginalDestination() {}

  public static boolean isOption(int level, int option) {
    return option == XtAbi.SO_ORIGINAL_DST && (level == SOL_IP || level == SOL_IPV6);
  }

  /** ENOPROTOOPT but for TCP; EINVAL if there is no room for an address. */
  public static void require(int protocol, int room, int level) {
    if (protocol != IpProtocol.TCP) {
      throw Errno.ENOPROTOOPT.exception();
    }
    if (room < (level == SOL_IP ? SOCKADDR4 : SOCKADDR6)) {
      throw Errno.EINVAL.exception();
    }
  }

  /**
   * Of a socket with these names; ENOENT if nothing is known of such a connection.
   *
   * @param peer null: it has none
   */
  public static SocketAddress of(Xtables tables, SocketAddress own, SocketAddress peer) {
    Tuple t =
        peer == null
            ? null
            : tables.original(
                IpProtocol.TCP,
                own.address().unmapped(),
                own.port(),
                peer.address().unmapped(),
                peer.port());
    if (t == null) {
      throw Errno.ENOENT.exception();
    }
    return new SocketAddress(t.destination(), t.destinationPort());
  }
}
