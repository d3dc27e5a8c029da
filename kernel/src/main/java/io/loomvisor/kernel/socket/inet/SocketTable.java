package io.loomvisor.kernel.socket.inet;

import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.tcp.State;
import io.loomvisor.net.tcp.TcpEndpoint;
import io.loomvisor.net.tcp.TcpInfo;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.socket.SocketAbi;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The sockets of a network, one row for each; snapshots. Any thread. */
public final class SocketTable {
  private SocketTable() {}

  /**
   * TCP's, listeners first; with connections that no descriptor leads to: not accepted yet, or
   * closed by the application and not by TCP. What neither listens nor is connected is in no table
   * of Linux.
   */
  public static List<SocketRow> tcp(InetNetwork network) {
    Map<TcpEndpoint, TcpSocket> owners = new IdentityHashMap<>();
    for (TcpSocket s : network.sockets(TcpSocket.class)) {
      owners.put(s.endpoint(), s);
    }
    List<SocketRow> rows = new ArrayList<>();
    owners.forEach((e, s) -> rows.add(row(e, s)));
    for (TcpEndpoint e : network.tcp().endpoints()) {
      if (!owners.containsKey(e)) {
        rows.add(row(e, null));
      }
    }
    rows.removeIf(r -> r.state() == State.CLOSED.number());
    rows.sort(
        Comparator.comparing((SocketRow r) -> r.state() != SocketRow.LISTEN)
            .thenComparingLong(SocketRow::ino));
    return rows;
  }

  private static List<SocketRow> visible(List<SocketRow> rows) {
    return rows.stream().filter(r -> r.local().port() != 0).toList();
  }

  static SocketRow row(TcpEndpoint e, TcpSocket s) {
    TcpInfo info = e.info();
    boolean listens = e.state() == State.LISTEN;
    SocketAddress peer = e.remoteAddress();
    SocketAddress none = new SocketAddress(IpAddress.any(e.v6()), 0);
    return new SocketRow(
        e.v6(),
        e.state().number(),
        e.localAddress(),
        peer == null ? none : peer,
        Math.max(0, e.getOption(SocketOption.SO_BINDTOIFINDEX)),
        listens ? info.unacked() : unread(e),
        listens ? info.sacked() : Math.max(0, e.unacknowledged()),
        s == null ? 0 : s.inode().uid(),
        s == null ? 0 : s.inode().stat().ino(),
        0,
        s,
        info);
  }

  /** An end that the peer has sent counts until it is read (tcp_diag_get_info). */
  private static int unread(TcpEndpoint e) {
    int bytes = Math.max(0, e.available());
    return bytes > 0 && e.state().peerClosed() ? bytes + 1 : bytes;
  }

  /** UDP's that have a port. */
  public static List<SocketRow> udp(InetNetwork network) {
    return visible(rows(network.sockets(UdpSocket.class)));
  }

  public static List<SocketRow> raw(InetNetwork network) {
    return rows(
        network.sockets(RawSocket.class).stream()
            .filter(s -> s.type() == SocketAbi.SOCK_RAW)
            .toList());
  }

  /** ICMP echo sockets that have an identifier. */
  public static List<SocketRow> echo(InetNetwork network) {
    return visible(
        rows(
            network.sockets(RawSocket.class).stream()
                .filter(s -> s.type() == SocketAbi.SOCK_DGRAM)
                .toList()));
  }

  private static List<SocketRow> rows(List<? extends InetSocket> sockets) {
    return sockets.stream()
        .map(InetSocket::row)
        .sorted(Comparator.comparingLong(SocketRow::ino))
        .toList();
  }
}
