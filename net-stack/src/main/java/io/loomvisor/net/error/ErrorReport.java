package io.loomvisor.net.error;

import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.socket.SocketAddress;

/** One entry of an error queue. */
public sealed interface ErrorReport {
  /** The errno that comes with it; 0: it is no error. */
  int errno();

  /**
   * Somebody on the way, or the receiver, has sent an ICMP error.
   *
   * @param destination where the packet had been sent
   * @param packet what the error quotes of it
   */
  record FromNetwork(SocketAddress destination, IcmpError error, byte[] packet)
      implements ErrorReport {
    @Override
    public int errno() {
      return error.kind().errno();
    }
  }

  /**
   * It was found here, before anything was sent (SO_EE_ORIGIN_LOCAL).
   *
   * @param mtu how long a packet to {@code destination} may be
   */
  record Local(SocketAddress destination, int errno, int mtu) implements ErrorReport {}

  /**
   * The memory of sends with MSG_ZEROCOPY may be used again: those numbered from {@code first} to
   * {@code last}, without sign. All was copied (SO_EE_CODE_ZEROCOPY_COPIED).
   */
  record ZeroCopy(int first, int last) implements ErrorReport {
    @Override
    public int errno() {
      return 0;
    }
  }
}
