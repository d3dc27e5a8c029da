package io.loomvisor.kernel.socket.inet;

import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.tcp.TcpInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One socket as /proc/net and sock_diag(7) show it.
 *
 * @param state as in include/net/tcp_states.h
 * @param remote the unspecified address if there is none
 * @param nicId the interface it is bound to; 0: none
 * @param receiveQueue of a listener: connections that wait
 * @param sendQueue of a listener: how many may
 * @param ino 0: no descriptor leads to it
 * @param socket null if no descriptor leads to it
 * @param tcp null if it is not TCP's
 */
public record SocketRow(
    boolean v6,
    int state,
    SocketAddress local,
    SocketAddress remote,
    int nicId,
    int receiveQueue,
    int sendQueue,
    int uid,
    long ino,
    int drops,
    InetSocket socket,
    TcpInfo tcp) {
  public static final int LISTEN = 10;

  /** Words of SO_MEMINFO (linux/sock_diag.h: SK_MEMINFO_VARS). */
  private static final int MEMORY_WORDS = 9;

  /** Its address bytes, in network order. */
  public static byte[] bytes(SocketAddress a, boolean v6) {
    byte[] raw = new byte[v6 ? 16 : 4];
    (v6 && !a.address().v6() ? a.address().mapped() : a.address()).write(raw, 0);
    return raw;
  }

  /**
   * struct sk_meminfo: received, its limit, in transmission, its limit, in advance, queued for
   * sending, options, backlog, drops.
   */
  public byte[] memoryBytes() {
    boolean listens = state == LISTEN;
    return ByteBuffer.allocate(MEMORY_WORDS * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(listens ? 0 : receiveQueue)
        .putInt(limit(SocketOption.SO_RCVBUF))
        .putInt(0)
        .putInt(limit(SocketOption.SO_SNDBUF))
        .putInt(0)
        .putInt(listens ? 0 : sendQueue)
        .putInt(0)
        .putInt(0)
        .putInt(drops)
        .array();
  }

  private int limit(SocketOption option) {
    return socket == null ? 0 : Math.max(0, socket.endpointOption(option));
  }
}
