package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;

/**
 * One message to the kernel.
 *
 * @param port of the socket that sent it
 * @param payload what is behind the header, little endian
 * @param sender null if nobody is known: a write(2)
 */
public record NetlinkRequest(
    int type, int flags, int sequence, int port, ByteBuffer payload, Credentials sender) {
  public boolean isDump() {
    return (flags & NetlinkAbi.NLM_F_DUMP) == NetlinkAbi.NLM_F_DUMP;
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** The family of an address, route or neighbour, its first byte: EOPNOTSUPP if not of IP. */
  boolean v6() {
    return switch (payload.get(0) & 0xff) {
      case SocketAbi.AF_INET -> false;
      case SocketAbi.AF_INET6 -> true;
      default -> throw Errno.EOPNOTSUPP.exception();
    };
  }

  /** A message that answers it. */
  public MessageWriter reply(int type) {
    return new MessageWriter(type, isDump() ? NetlinkAbi.NLM_F_MULTI : 0, sequence, port);
  }

  /** The end of a dump that failed (netlink_dump). */
  public byte[] done(Errno error) {
    return reply(NetlinkAbi.NLMSG_DONE).u32(-error.number()).finish();
  }

  /** The end of a dump. */
  public byte[] done() {
    return reply(NetlinkAbi.NLMSG_DONE).u32(0).finish();
  }
}
