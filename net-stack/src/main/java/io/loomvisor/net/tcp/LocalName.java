package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.PortTable;
import io.loomvisor.net.wire.IpAddress;

/**
 * The own address and port of one endpoint and the entry in the {@link PortTable} that stands for
 * them. Owned by the endpoint's mailbox.
 */
final class LocalName {
  private final TcpLayer layer;
  private final boolean v6;
  private final EndpointOptions options;
  private IpAddress address;
  private int port;

  /** bind(2) asked for the port by number: it stays when a connection ends (SOCK_BINDPORT_LOCK). */
  private boolean locked;

  private PortTable.Binding binding;

  LocalName(TcpLayer layer, boolean v6, EndpointOptions options) {
    this.layer = layer;
    this.v6 = v6;
    this.options = options;
    address = IpAddress.any(v6);
  }

  IpAddress address() {
    return address;
  }

  /** 0: none. */
  int port() {
    return port;
  }

  /** As the application sees an address: of the endpoint's own family. */
  IpAddress shown(IpAddress a) {
    return v6 ? a.mapped() : a;
  }

  /** bind(2): 0 or a negative errno. */
  int bind(IpAddress asked, int wanted) {
    if (port != 0 || wanted < 0 || wanted > 65_535) {
      return -Errno.EINVAL;
    }
    if (asked.v6() && !v6) {
      return -Errno.EAFNOSUPPORT;
    }
    if (asked.v6() != v6 || asked.isMapped() && options.v6Only) {
      return -Errno.EINVAL;
    }
    IpAddress own = asked.unmapped();
    if (!own.isUnspecified() && !options.freeBind && !layer.ip().isLocal(own)) {
      return -Errno.EADDRNOTAVAIL;
    }
    if (wanted == 0 && options.bindWithoutPort) {
      address = own;
      return 0;
    }
    int r = take(own, wanted);
    locked = r == 0 && wanted != 0;
    return r;
  }

  private int take(IpAddress own, int wanted) {
    PortTable.Binding b = binding(own, PortTable.Use.BOUND);
    int taken = wanted;
    if (wanted == 0) {
      taken = layer.ephemeral().any(n -> layer.ports().take(n, b));
    } else if (!layer.ports().take(wanted, b)) {
      taken = -Errno.EADDRINUSE;
    }
    if (taken < 0) {
      return taken;
    }
    address = own;
    port = taken;
    binding = b;
    return 0;
  }

  private PortTable.Binding binding(IpAddress own, PortTable.Use use) {
    return new PortTable.Binding(
        own, options.v6Only, options.reuseAddress, options.reusePort, options.nicId, use);
  }

  /** listen(2): the port, any if there is none yet, becomes a listener's. 0 or a negative errno. */
  int listen() {
    if (port == 0) {
      int r = take(address, 0);
      if (r < 0) {
        return r;
      }
    }
    PortTable.Binding listening = binding.as(PortTable.Use.LISTENING);
    if (!layer.ports().change(port, binding, listening)) {
      return -Errno.EADDRINUSE;
    }
    binding = listening;
    if (options.beside) {
      layer.ports().give(port, binding);
      binding = null;
    }
    return 0;
  }

  /**
   * Takes the addresses and ports of {@code flow}, choosing the own port if there is none. 0 or a
   * negative errno.
   */
  int enter(FlowKey flow, TcpEndpoint e) {
    if (port != 0) {
      flow.localPort = port;
      return layer.enter(flow, e) ? 0 : -Errno.EADDRNOTAVAIL;
    }
    PortTable.Binding b = binding(flow.local(), PortTable.Use.CONNECTED);
    int taken = layer.ephemeral().forFlow(flow, n -> tryPort(n, b, flow, e));
    if (taken < 0) {
      return taken;
    }
    port = taken;
    binding = b;
    return 0;
  }

  private boolean tryPort(int n, PortTable.Binding b, FlowKey flow, TcpEndpoint e) {
    if (!layer.ports().take(n, b)) {
      return false;
    }
    flow.localPort = n;
    if (layer.enter(flow, e)) {
      return true;
    }
    layer.ports().give(n, b);
    return false;
  }

  /** The name of a connection that came by the listener's port. */
  void inherit(FlowKey flow) {
    address = flow.local();
    port = flow.localPort;
    if (options.beside) {
      return;
    }
    binding = binding(address, PortTable.Use.BOUND);
    layer.ports().share(port, binding);
  }

  /** SO_REUSEADDR and SO_REUSEPORT count from when they are set. */
  void amend() {
    if (binding != null) {
      PortTable.Binding b = binding.sharing(options.reuseAddress, options.reusePort);
      if (!b.equals(binding)) {
        layer.ports().amend(port, binding, b);
        binding = b;
      }
    }
  }

  /** What used the port has ended. */
  void releaseUnlessLocked() {
    if (!locked) {
      release();
    } else if (binding != null) {
      PortTable.Binding bound = binding.as(PortTable.Use.BOUND);
      layer.ports().amend(port, binding, bound);
      binding = bound;
    }
  }

  void release() {
    if (binding != null) {
      layer.ports().give(port, binding);
      binding = null;
      port = 0;
    }
  }
}
