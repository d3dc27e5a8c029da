package io.loomvisor.net;

import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.conntrack.ConntrackSettings;
import io.loomvisor.net.filter.Firewall;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.link.Link;
import io.loomvisor.net.link.LoopbackLink;
import io.loomvisor.net.raw.RawLayer;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.tcp.TcpLayer;
import io.loomvisor.net.tcp.TcpSettings;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.SystemClock;
import io.loomvisor.net.udp.UdpLayer;
import io.loomvisor.net.wire.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A host: interfaces, IP, TCP and UDP.
 *
 * <pre>{@code
 * try (NetStack stack = NetStack.builder()
 *     .loopback()
 *     .link("eth0", link).address("10.0.0.2/24").gateway("10.0.0.1")
 *     .build();
 *     TcpSocket socket = stack.connect("10.0.0.7:80")) {
 *   socket.outputStream().write(request);
 * }
 * }</pre>
 */
public final class NetStack implements AutoCloseable {
  private final IpLayer ip;
  private final TcpLayer tcp;
  private final UdpLayer udp;
  private final RawLayer raw;
  private final Firewall firewall;

  /** The clock made for this stack, which ends with it; null if it was given one. */
  private final SystemClock ownClock;

  private NetStack(Builder b) {
    ownClock = b.clock == null ? new SystemClock() : null;
    Clock clock = b.clock == null ? ownClock : b.clock;
    PacketPool pool = b.pool == null ? new PacketPool() : b.pool;
    ip = new IpLayer(clock, pool, new Mib(), b.duplicateDetection);
    tcp = new TcpLayer(ip, b.tcpSettings);
    udp = new UdpLayer(ip);
    raw = new RawLayer(ip);
    firewall = new Firewall(ip, b.conntrack);
    b.links.forEach(l -> l.attach(ip));
    ip.forwarding(b.forwarding);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** For what has no method here: interfaces, routes, groups. */
  public IpLayer ip() {
    return ip;
  }

  /** Non-blocking endpoints. */
  public TcpLayer tcp() {
    return tcp;
  }

  public UdpLayer udp() {
    return udp;
  }

  /** Raw and ICMP echo endpoints. */
  public RawLayer raw() {
    return raw;
  }

  /** Rules about packets and the connections that they know; without rules there is no cost. */
  public Firewall firewall() {
    return firewall;
  }

  public Mib mib() {
    return ip.mib();
  }

  /** Connects to {@code 10.0.0.7:80} or {@code [fd00::7]:80}, waiting until it is done. */
  public TcpSocket connect(String address) throws IOException {
    return connect(SocketAddress.parse(address));
  }

  public TcpSocket connect(SocketAddress to) throws IOException {
    TcpSocket s = socket(to.address().v6());
    try {
      s.connect(to);
      return s;
    } catch (IOException e) {
      s.close();
      throw e;
    }
  }

  /** A socket that is not connected yet: for options, bind, and connect with a timeout. */
  public TcpSocket socket(boolean v6) {
    return new TcpSocket(tcp.open(v6));
  }

  /** Listens at an address; {@code [::]:80} takes IPv4 as well. */
  public TcpListener listen(String address) throws IOException {
    return listen(SocketAddress.parse(address), 128);
  }

  public TcpListener listen(SocketAddress at, int backlog) throws IOException {
    return TcpListener.open(tcp.open(at.address().v6()), at, backlog);
  }

  /** A UDP socket bound to an address; port 0: any. */
  public UdpSocket bind(String address) throws IOException {
    return bind(SocketAddress.parse(address));
  }

  public UdpSocket bind(SocketAddress at) throws IOException {
    return UdpSocket.open(udp.open(at.address().v6()), at);
  }

  /** Closes the links. Connections are not ended in good order: close sockets first. */
  @Override
  public void close() {
    ip.close();
    if (ownClock != null) {
      ownClock.close();
    }
  }

  /** What a stack is to consist of. */
  public static final class Builder {
    private final List<LinkBuilder> links = new ArrayList<>();
    private Clock clock;
    private PacketPool pool;
    private TcpSettings tcpSettings = new TcpSettings();
    private ConntrackSettings conntrack = new ConntrackSettings();
    private boolean duplicateDetection = true;
    private boolean forwarding;

    private Builder() {}

    /** Default: the system's time and a thread of the stack's own for timers. */
    public Builder clock(Clock c) {
      clock = c;
      return this;
    }

    /** Default: one of the stack's own. Stacks on two ends of an in-memory link may share one. */
    public Builder pool(PacketPool p) {
      pool = p;
      return this;
    }

    public Builder tcpSettings(TcpSettings s) {
      tcpSettings = s;
      return this;
    }

    public Builder conntrack(ConntrackSettings s) {
      conntrack = s;
      return this;
    }

    /** Duplicate address detection of IPv6 (RFC 4862) on Ethernet; default on. */
    public Builder duplicateDetection(boolean on) {
      duplicateDetection = on;
      return this;
    }

    /** Act as a router; default off. */
    public Builder forwarding(boolean on) {
      forwarding = on;
      return this;
    }

    /** An interface "lo" with 127.0.0.1/8 and ::1. */
    public Builder loopback() {
      return link("lo", new LoopbackLink()).address("127.0.0.1/8").address("::1/128").and();
    }

    /** An interface; what follows, up to {@code and} or {@code build}, is about it. */
    public LinkBuilder link(String name, Link link) {
      LinkBuilder l = new LinkBuilder(this, name, link);
      links.add(l);
      return l;
    }

    public NetStack build() {
      return new NetStack(this);
    }
  }

  /** One interface of a stack to be. */
  public static final class LinkBuilder {
    private final Builder stack;
    private final String name;
    private final Link link;
    private final List<Prefix> addresses = new ArrayList<>();
    private final List<Prefix> routes = new ArrayList<>();
    private boolean autoconfigured;

    private record Prefix(IpAddress address, int length, IpAddress gateway) {
      static Prefix parse(String text, IpAddress gateway) {
        int slash = text.indexOf('/');
        if (slash < 0) {
          throw new IllegalArgumentException("no prefix length in " + text);
        }
        int length = Integer.parseInt(text.substring(slash + 1));
        return new Prefix(IpAddress.parse(text.substring(0, slash)), length, gateway);
      }
    }

    private LinkBuilder(Builder stack, String name, Link link) {
      this.stack = stack;
      this.name = name;
      this.link = link;
    }

    /** An address with its prefix length, as {@code 10.0.0.2/24}, and its on-link route. */
    public LinkBuilder address(String prefix) {
      addresses.add(Prefix.parse(prefix, null));
      return this;
    }

    /** The default route of the gateway's IP version. */
    public LinkBuilder gateway(String address) {
      IpAddress g = IpAddress.parse(address);
      routes.add(new Prefix(IpAddress.any(g.v6()), 0, g));
      return this;
    }

    /** A route, as {@code 10.9.0.0/16}, by way of {@code gateway}; null: on link. */
    public LinkBuilder route(String prefix, String gateway) {
      routes.add(Prefix.parse(prefix, gateway == null ? null : IpAddress.parse(gateway)));
      return this;
    }

    /** Link-local address and router advertisements (RFC 4862); Ethernet only. */
    public LinkBuilder autoconfigure() {
      autoconfigured = true;
      return this;
    }

    public Builder and() {
      return stack;
    }

    public LinkBuilder link(String other, Link l) {
      return stack.link(other, l);
    }

    public NetStack build() {
      return stack.build();
    }

    private void attach(IpLayer ip) {
      Nic nic = ip.addNic(name, link);
      addresses.forEach(a -> ip.addAddress(nic, a.address(), a.length()));
      for (Prefix r : routes) {
        ip.addRoute(
            r.gateway() == null
                ? Route.onLink(r.address(), r.length(), nic.id())
                : Route.via(r.address(), r.length(), r.gateway(), nic.id()));
      }
      if (autoconfigured) {
        ip.autoconfigure(nic);
      }
    }
  }
}
