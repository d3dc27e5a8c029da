package io.loomvisor.net.udp;

import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.wire.IpAddress;

/**
 * What endpoints of whole messages have in common, UDP's and raw ones; only sending differs. Any
 * thread may call. An int result is at least 0, or a negative errno.
 */
public interface DatagramEndpoint {
  int bind(IpAddress address, int port);

  int connect(IpAddress address, int port);

  int disconnect();

  SocketAddress localAddress();

  /** Null if it is not connected. */
  SocketAddress peerAddress();

  /**
   * The next message into {@code a}, cut to {@code length}; what else is known of it into {@code
   * info}.
   */
  int receive(byte[] a, int offset, int length, boolean peek, DatagramInfo info);

  /** recvmsg(2) with MSG_ERRQUEUE: the oldest report, or null. */
  ErrorReport receiveError();

  /** SIOCINQ: length of the next message, or 0. */
  int available();

  /** From now on, whether messages are told when they came. */
  void stampArrivals(boolean on);

  /** Memory that the messages waiting are charged with, as Linux counts it. */
  int queuedBytes();

  /** Messages that found no room. */
  int drops();

  /** SO_ERROR: the pending errno, which is cleared, or 0. */
  int takeError();

  int setOption(SocketOption o, int value);

  int getOption(SocketOption o);

  int shutdown(boolean read, boolean write);

  void close();

  void onReadiness(Readiness.Listener l);

  /** See {@link Readiness}. */
  int readiness();
}
