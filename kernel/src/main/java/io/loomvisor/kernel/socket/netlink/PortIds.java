package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The port ids in use of one protocol and network name space. Any thread. */
public final class PortIds {
  /** Where the kernel looks for one when the process's own is taken (netlink_autobind). */
  private static final int FIRST_CHOSEN = -4097;

  private final Set<Integer> taken = ConcurrentHashMap.newKeySet();

  /** EADDRINUSE. */
  int take(int id) {
    if (!taken.add(id)) {
      throw Errno.EADDRINUSE.exception();
    }
    return id;
  }

  /** The process's id, or if that is taken another one. */
  int choose(int process) {
    int id = process;
    for (int next = FIRST_CHOSEN; !taken.add(id); next--) {
      id = next;
    }
    return id;
  }

  void give(int id) {
    taken.remove(id);
  }
}
