package io.loomvisor.kernel.socket.inet;

import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.link.LoopbackLink;
import io.loomvisor.net.packet.PacketLayer;
import io.loomvisor.net.raw.RawLayer;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.tcp.TcpLayer;
import io.loomvisor.net.tcp.TcpSettings;
import io.loomvisor.net.udp.UdpLayer;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.vfs.socket.SocketDescription;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The IP network of one sandbox: its stack, with a loopback interface. Any thread. */
public final class InetNetwork {
  private static final int LOOPBACK_PREFIX = 8;
  private static final int HOST_PREFIX = 128;

  private final IpLayer ip;
  private final TcpLayer tcp;
  private final UdpLayer udp;
  private final RawLayer raw;
  private final PacketLayer packets;
  private final NetworkChanges changes;
  private final Set<SocketDescription> open = ConcurrentHashMap.newKeySet();

  public InetNetwork(TimerService timers) {
    // Addresses are given by whoever knows that they are free: no detection of duplicates.
    ip = new IpLayer(new StackClock(timers), new PacketPool(), new Mib(), false);
    tcp = new TcpLayer(ip, new TcpSettings());
    udp = new UdpLayer(ip);
    raw = new RawLayer(ip);
    packets = new PacketLayer(ip);
    changes = new NetworkChanges(ip);
    Nic loopback = ip.addNic("lo", new LoopbackLink());
    ip.addAddress(loopback, IpAddress.LOOPBACK4, LOOPBACK_PREFIX);
    ip.addAddress(loopback, IpAddress.LOOPBACK6, HOST_PREFIX);
  }

  /** Leaves the loopback down and without addresses, as in a fresh network namespace. */
  public void takeDown() {
    for (Nic nic : ip.nics()) {
      nic.addresses().forEach(a -> ip.removeAddress(nic, a.address()));
      ip.setUp(nic, false);
    }
  }

  /** The network layer: interfaces, addresses and routes. */
  public IpLayer ip() {
    return ip;
  }

  /** As {@link #udp}. */
  public TcpLayer tcp() {
    return tcp;
  }

  /** For services of the sandbox itself; the application's endpoints are its sockets'. */
  public UdpLayer udp() {
    return udp;
  }

  RawLayer raw() {
    return raw;
  }

  /** Through which interfaces, addresses and routes are changed once the sandbox runs. */
  public NetworkChanges changes() {
    return changes;
  }

  public PacketLayer packets() {
    return packets;
  }

  public void opened(SocketDescription socket) {
    open.add(socket);
  }

  public void closed(SocketDescription socket) {
    open.remove(socket);
  }

  /** The sockets of one kind that are open, for /proc/net. */
  public <S extends SocketDescription> List<S> sockets(Class<S> kind) {
    return open.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
