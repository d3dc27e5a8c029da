package io.loomvisor.kernel.view;

import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.socket.unix.UnixSockets;
import java.util.List;

/** The network as /proc/net shows it: a loopback interface, and the sandbox's sockets. */
public final class KernelNetwork implements NetworkView {
  private final UnixSockets unixSockets;

  public KernelNetwork(UnixSockets unixSockets) {
    this.unixSockets = unixSockets;
  }

  @Override
  public List<UnixSocket> unix() {
    return unixSockets.view();
  }
}
