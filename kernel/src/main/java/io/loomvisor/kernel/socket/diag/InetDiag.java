package io.loomvisor.kernel.socket.diag;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.InetNetwork;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.kernel.socket.inet.SocketRow;
import io.loomvisor.kernel.socket.inet.SocketTable;
import io.loomvisor.kernel.socket.netlink.NetlinkRequest;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Internet sockets. struct inet_diag_req_v2, with the socket's id, in which all is in network order
 * but the interface and the cookie:
 *
 * <pre>
 *   0        1          2     3     4        8
 *   | family | protocol | ext | pad | states | id
 *   id: | sport (2) | dport (2) | src (16) | dst (16) | if (4) | cookie (8) |
 * </pre>
 */
final class InetDiag {
  private static final int REQUEST_SIZE = 56;
  private static final int ID = 8;
  private static final int COOKIE = ID + 40;

  private final LazyNetwork network;

  InetDiag(LazyNetwork network) {
    this.network = network;
  }

  List<byte[]> answer(NetlinkRequest r) {
    ByteBuffer b = r.payload();
    if (b.remaining() < REQUEST_SIZE) {
      throw Errno.EINVAL.exception();
    }
    boolean v6 = (b.get(0) & 0xff) == SocketAbi.AF_INET6;
    int protocol = protocol(b);
    int extensions = b.get(2) & 0xff;
    if (!isKnown(protocol)) {
      if (r.isDump()) {
        return List.of(r.done(Errno.ENOENT));
      }
      throw Errno.ENOENT.exception();
    }
    List<SocketRow> rows = rows(protocol).stream().filter(x -> x.v6() == v6).toList();
    if (!r.isDump()) {
      return List.of(InetDiagMessage.of(r, one(rows, b), extensions));
    }
    int states = b.getInt(4);
    int source = port(b, ID);
    int destination = port(b, ID + 2);
    List<byte[]> all = new ArrayList<>();
    for (SocketRow x : rows) {
      boolean asked =
          (states >>> x.state() & 1) != 0
              && (source == 0 || source == x.local().port())
              && (destination == 0 || destination == x.remote().port());
      if (asked) {
        all.add(InetDiagMessage.of(r, x, extensions));
      }
    }
    all.add(r.done());
    return all;
  }

  /** The attribute INET_DIAG_REQ_PROTOCOL is for those that do not fit the byte. */
  private static int protocol(ByteBuffer b) {
    int at = REQUEST_SIZE;
    while (b.limit() - at >= 8) {
      int length = b.getShort(at) & 0xffff;
      if (length < 4 || length > b.limit() - at) {
        break;
      }
      if ((b.getShort(at + 2) & 0x3fff) == DiagAbi.INET_DIAG_REQ_PROTOCOL && length == 8) {
        return b.getInt(at + 4);
      }
      at += length + 3 & ~3;
    }
    return b.get(1) & 0xff;
  }

  /** inet_diag_lock_handler. */
  private static boolean isKnown(int protocol) {
    return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.RAW;
  }

  private List<SocketRow> rows(int protocol) {
    InetNetwork n = network.ifMade();
    return switch (protocol) {
      case IpProtocol.TCP -> n == null ? List.of() : SocketTable.tcp(n);
      case IpProtocol.UDP -> n == null ? List.of() : SocketTable.udp(n);
      default -> n == null ? List.of() : SocketTable.raw(n);
    };
  }

  private static int port(ByteBuffer b, int at) {
    return (b.get(at) & 0xff) << 8 | b.get(at + 1) & 0xff;
  }

  /**
   * The socket that has this id, or is the one that a packet between these two would come to:
   * ENOENT, also if its cookie is another one.
   */
  private static SocketRow one(List<SocketRow> rows, ByteBuffer b) {
    int source = port(b, ID);
    int destination = port(b, ID + 2);
    SocketRow best = null;
    for (SocketRow x : rows) {
      int length = x.v6() ? 16 : 4;
      byte[] from = new byte[length];
      byte[] to = new byte[length];
      b.get(ID + 4, from).get(ID + 20, to);
      boolean exact =
          destination == x.remote().port()
              && Arrays.equals(from, SocketRow.bytes(x.local(), x.v6()))
              && Arrays.equals(to, SocketRow.bytes(x.remote(), x.v6()));
      boolean open =
          x.remote().port() == 0
              && (x.local().address().isUnspecified()
                  || Arrays.equals(from, SocketRow.bytes(x.local(), x.v6())));
      if (source == x.local().port() && (exact || open && best == null)) {
        best = x;
      }
    }
    if (best == null) {
      throw Errno.ENOENT.exception();
    }
    long cookie = b.order(ByteOrder.LITTLE_ENDIAN).getLong(COOKIE);
    if (cookie != -1 && cookie != best.ino()) {
      throw Errno.ENOENT.exception();
    }
    return best;
  }
}
