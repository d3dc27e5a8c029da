package io.loomvisor.kernel.view;

import io.loomvisor.kernel.socket.inet.InetNetwork;
import io.loomvisor.kernel.socket.inet.InterfaceFacts;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.kernel.socket.inet.SocketRow;
import io.loomvisor.kernel.socket.inet.SocketTable;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.neighbor.NeighborCache;
import io.loomvisor.net.neighbor.NeighborState;
import io.loomvisor.net.packet.PacketEndpoint;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.socket.unix.UnixSockets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The network as /proc/net and sysfs show it: the stack's interfaces, the sandbox's sockets. */
public final class KernelNetwork implements NetworkView {
  // linux/route.h
  private static final int RTF_UP = 1;
  private static final int RTF_GATEWAY = 2;
  private static final int RTF_HOST = 4;

  // net/if_arp.h
  private static final int ATF_COM = 2;
  private static final int ATF_PERM = 4;

  private final UnixSockets unixSockets;
  private final LazyNetwork inet;

  public KernelNetwork(UnixSockets unixSockets, LazyNetwork inet) {
    this.unixSockets = unixSockets;
    this.inet = inet;
  }

  @Override
  public List<Interface> interfaces() {
    if (inet.ifMade() == null) {
      // What it will have, and nothing sent or received.
      return NetworkView.super.interfaces();
    }
    List<Interface> all = new ArrayList<>();
    for (Nic n : inet.get().ip().nics()) {
      Nic.Statistics s = n.statistics();
      all.add(
          new Interface(
              n.name(),
              n.id(),
              InterfaceFacts.mtu(n),
              InterfaceFacts.flags(n),
              InterfaceFacts.hardwareAddress(n),
              InterfaceFacts.hardwareType(n),
              new Counters(s.receivedBytes(), s.received(), 0, 0),
              new Counters(s.sentBytes(), s.sent(), 0, s.dropped())));
    }
    return all;
  }

  @Override
  public List<Route> routes() {
    if (inet.ifMade() == null) {
      return List.of();
    }
    IpLayer ip = inet.get().ip();
    return ip.routes().stream()
        .filter(r -> !r.prefix().v6() && !InterfaceFacts.isLocalRoute(ip.nic(r.nicId()), r))
        .map(r -> route(ip, r))
        .toList();
  }

  private static Route route(IpLayer ip, io.loomvisor.net.ip.Route r) {
    int flags = RTF_UP;
    if (r.gateway() != null) {
      flags |= RTF_GATEWAY;
    }
    if (r.length() == r.prefix().bits()) {
      flags |= RTF_HOST;
    }
    return new Route(
        ip.nic(r.nicId()).name(),
        raw(r.prefix()),
        raw(r.gateway() == null ? IpAddress.ANY4 : r.gateway()),
        raw(IpAddress.v4(-1).masked(r.length())),
        flags,
        r.metric());
  }

  @Override
  public List<Address> addresses6() {
    if (inet.ifMade() == null) {
      return NetworkView.super.addresses6();
    }
    List<Address> all = new ArrayList<>();
    for (Nic n : inet.get().ip().nics()) {
      for (InterfaceAddress a : n.addresses()) {
        if (a.address().v6()) {
          all.add(new Address(n.name(), n.id(), raw(a.address()), a.prefixLength()));
        }
      }
    }
    return all;
  }

  private static byte[] raw(IpAddress a) {
    byte[] bytes = new byte[a.v6() ? 16 : 4];
    a.write(bytes, 0);
    return bytes;
  }

  @Override
  public List<InetSocket> tcp() {
    return rows(SocketTable::tcp);
  }

  @Override
  public List<InetSocket> udp() {
    return rows(SocketTable::udp);
  }

  @Override
  public List<InetSocket> raw() {
    return rows(SocketTable::raw);
  }

  @Override
  public List<InetSocket> icmp() {
    return rows(SocketTable::echo);
  }

  private List<InetSocket> rows(Function<InetNetwork, List<SocketRow>> table) {
    InetNetwork n = inet.ifMade();
    return n == null ? List.of() : table.apply(n).stream().map(KernelNetwork::row).toList();
  }

  private static InetSocket row(SocketRow r) {
    return new InetSocket(
        SocketRow.bytes(r.local(), r.v6()),
        r.local().port(),
        SocketRow.bytes(r.remote(), r.v6()),
        r.remote().port(),
        r.state(),
        // tcp_get_info_sock: the limit of a listener's queue is not shown.
        r.state() == SocketRow.LISTEN ? 0 : r.sendQueue(),
        r.receiveQueue(),
        r.uid(),
        r.ino(),
        r.drops());
  }

  @Override
  public List<PacketSocket> packets() {
    InetNetwork n = inet.ifMade();
    return n == null
        ? List.of()
        : n.sockets(io.loomvisor.kernel.socket.packet.PacketSocket.class).stream()
            .map(KernelNetwork::row)
            .toList();
  }

  private static PacketSocket row(io.loomvisor.kernel.socket.packet.PacketSocket s) {
    PacketEndpoint.Binding b = s.endpoint().binding();
    return new PacketSocket(
        s.type(),
        b.protocol(),
        b.nicId(),
        s.endpoint().queuedBytes(),
        s.inode().uid(),
        s.inode().stat().ino());
  }

  @Override
  public List<Neighbor> neighbors() {
    InetNetwork n = inet.ifMade();
    List<Neighbor> all = new ArrayList<>();
    for (Nic nic : n == null ? List.<Nic>of() : n.ip().nics()) {
      if (nic.neighbors(false) != null) {
        for (NeighborCache.Row r : nic.neighbors(false).rows()) {
          boolean permanent = r.state() == NeighborState.PERMANENT;
          int flags = permanent ? ATF_PERM | ATF_COM : r.mac() == null ? 0 : ATF_COM;
          String mac = r.mac() == null ? "00:00:00:00:00:00" : r.mac().toString();
          all.add(new Neighbor(raw(r.address()), nic.name(), mac, flags));
        }
      }
    }
    return all;
  }

  @Override
  public Map<String, Long> counters(String group) {
    InetNetwork n = inet.ifMade();
    return n == null ? Map.of() : n.ip().mib().group(group);
  }

  @Override
  public List<String> filterTables(boolean six) {
    InetNetwork n = inet.ifMade();
    return n == null ? List.of() : n.xtables().names(six);
  }

  @Override
  public List<UnixSocket> unix() {
    return unixSockets.view();
  }
}
