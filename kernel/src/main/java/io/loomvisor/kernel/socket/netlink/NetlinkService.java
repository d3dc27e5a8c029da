package io.loomvisor.kernel.socket.netlink;

import java.util.List;

/** What answers the requests of one protocol. Any thread. */
@FunctionalInterface
public interface NetlinkService {
  /**
   * The messages that answer one request; of a dump with the one that ends it.
   *
   * @throws io.loomvisor.gofer.abi.LinuxException to be told in an error message
   */
  List<byte[]> answer(NetlinkRequest request);
}
