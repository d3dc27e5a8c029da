package io.loomvisor.vfs.socket.unix;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Sockets that wait for room in another one's queue. Belongs to that queue's actor. */
final class Waiting {
  private final Set<UnixSocket> sockets = Collections.newSetFromMap(new IdentityHashMap<>());

  void add(UnixSocket socket) {
    sockets.add(socket);
  }

  void remove(UnixSocket socket) {
    sockets.remove(socket);
  }

  /** All of them, to be told; they are forgotten. */
  List<UnixSocket> drain() {
    if (sockets.isEmpty()) {
      return List.of();
    }
    List<UnixSocket> all = new ArrayList<>(sockets);
    sockets.clear();
    return all;
  }
}
