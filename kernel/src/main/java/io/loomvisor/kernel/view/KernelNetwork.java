package io.loomvisor.kernel.view;

import io.loomvisor.kernel.socket.inet.InterfaceFacts;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.unix.UnixSockets;
import java.util.ArrayList;
import java.util.List;

/** The network as /proc/net and sysfs show it: the stack's interfaces, the sandbox's sockets. */
public final class KernelNetwork implements NetworkView {
  // linux/route.h
  private static final int RTF_UP = 1;
  private static final int RTF_GATEWAY = 2;
  private static final int RTF_HOST = 4;

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
        .filter(r -> !r.prefix().v6() && !ip.nic(r.nicId()).isLoopback())
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
    return sockets(SocketAbi.SOCK_STREAM);
  }

  @Override
  public List<InetSocket> udp() {
    return sockets(SocketAbi.SOCK_DGRAM);
  }

  private List<InetSocket> sockets(int type) {
    if (inet.ifMade() == null) {
      return List.of();
    }
    return inet.get().sockets(io.loomvisor.kernel.socket.inet.InetSocket.class).stream()
        .filter(s -> s.type() == type)
        .map(io.loomvisor.kernel.socket.inet.InetSocket::view)
        .toList();
  }

  @Override
  public List<UnixSocket> unix() {
    return unixSockets.view();
  }
}
