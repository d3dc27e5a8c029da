package io.loomvisor.kernel.socket.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.host.MessageCalls;
import io.loomvisor.vfs.socket.ControlMessage;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Control messages as the host's kernel lays them out (cmsg(3)), eight bytes aligned:
 *
 * <pre>
 *   0        8       12     16
 *   | length | level | type | data
 * </pre>
 *
 * Only those go to the host that choose how a message is sent: nothing with descriptors.
 */
final class HostControl {
  private static final int HEADER = 16;
  private static final int SOL_IP = 0;
  private static final int SOL_UDP = 17;
  private static final int SOL_IPV6 = 41;
  private static final int IP_TOS = 1;
  private static final int IP_TTL = 2;
  private static final int IP_PKTINFO = 8;
  private static final int UDP_SEGMENT = 103;
  private static final int IPV6_PKTINFO = 50;
  private static final int IPV6_HOPLIMIT = 52;
  private static final int IPV6_DONTFRAG = 62;
  private static final int IPV6_TCLASS = 67;

  private HostControl() {}

  private static int aligned(int length) {
    return length + 7 & ~7;
  }

  /** EINVAL for what the host must not be told. */
  static byte[] toHost(List<ControlMessage> messages) {
    int size = 0;
    for (ControlMessage m : messages) {
      size += passes(m) ? aligned(HEADER + m.data().length) : 0;
      if (size > MessageCalls.MAX_CONTROL) {
        throw Errno.ENOBUFS.exception();
      }
    }
    ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (ControlMessage m : messages) {
      if (passes(m)) {
        int start = b.position();
        b.putLong(HEADER + m.data().length).putInt(m.level()).putInt(m.type()).put(m.data());
        b.position(start + aligned(HEADER + m.data().length));
      }
    }
    return b.array();
  }

  /** Rights and credentials mean nothing there, and are passed over (__sock_cmsg_send). */
  private static boolean passes(ControlMessage m) {
    boolean known =
        switch (m.level()) {
          case SOL_IP -> m.type() == IP_TOS || m.type() == IP_TTL || m.type() == IP_PKTINFO;
          case SOL_IPV6 ->
              switch (m.type()) {
                case IPV6_PKTINFO, IPV6_HOPLIMIT, IPV6_DONTFRAG, IPV6_TCLASS -> true;
                default -> false;
              };
          case SOL_UDP -> m.type() == UDP_SEGMENT;
          default -> false;
        };
    boolean ignored =
        m.level() == SocketAbi.SOL_SOCKET
            && (m.type() == SocketAbi.SCM_RIGHTS || m.type() == SocketAbi.SCM_CREDENTIALS);
    if (!known && !ignored) {
      throw Errno.EINVAL.exception();
    }
    return known;
  }

  /** What the host has told, appended to {@code to}. */
  static void fromHost(byte[] control, List<ControlMessage> to) {
    ByteBuffer b = ByteBuffer.wrap(control).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (control.length - at >= HEADER) {
      long length = b.getLong(at);
      if (length < HEADER || length > control.length - at) {
        return;
      }
      byte[] data = Arrays.copyOfRange(control, at + HEADER, at + (int) length);
      to.add(new ControlMessage(b.getInt(at + 8), b.getInt(at + 12), data));
      at += aligned((int) length);
    }
  }
}
