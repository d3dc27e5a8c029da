package io.loomvisor.kernel.view;

import io.loomvisor.kernel.socket.inet.InterfaceFacts;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.unix.UnixSockets;
import java.util.ArrayList;
import java.util.List;

/** The network as /proc/net and sysfs show it: the stack's interfaces, the sandbox's sockets. */
public final class KernelNetwork implements NetworkView {
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
    return inet.get().sockets().stream()
        .filter(s -> s.type() == type)
        .map(io.loomvisor.kernel.socket.inet.InetSocket::view)
        .toList();
  }

  @Override
  public List<UnixSocket> unix() {
    return unixSockets.view();
  }
}
