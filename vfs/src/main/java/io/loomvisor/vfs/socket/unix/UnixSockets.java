package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.socket.PeerCredentials;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The AF_UNIX sockets of one sandbox. Any thread. */
public final class UnixSockets {
  private static final int PROTOCOL_UNIX = 1;
  private static final int SS_UNCONNECTED = 1;
  private static final int SS_CONNECTING = 2;
  private static final int SS_CONNECTED = 3;
  private static final int WRITE = 2;

  /** Two connected sockets. */
  public record Pair(SocketDescription first, SocketDescription second) {}

  private final FileTree tree;
  private final SocketFilesystem inodes;
  private final QueuedMemory memory = QueuedMemory.ofHeap();
  private final UnixNames names = new UnixNames();
  private final InFlight inFlight = new InFlight();

  /** All that are open, for /proc/net/unix. */
  private final Set<UnixSocket> open = ConcurrentHashMap.newKeySet();

  public UnixSockets(FileTree tree, SocketFilesystem inodes) {
    this.tree = tree;
    this.inodes = inodes;
  }

  /** socket(2): EPROTONOSUPPORT, ESOCKTNOSUPPORT. */
  public SocketDescription create(Caller caller, int type, int protocol, int flags) {
    return make(caller, type, protocol, flags);
  }

  /** socketpair(2). */
  public Pair createPair(Caller caller, int type, int protocol, int flags) {
    UnixSocket a = make(caller, type, protocol, flags);
    UnixSocket b;
    try {
      b = make(caller, type, protocol, flags);
    } catch (LinuxException e) {
      a.release();
      throw e;
    }
    PeerCredentials both = PeerCredentials.ofPeer(caller);
    int[] groups = caller.credentials().groups();
    a.pairWith(b, both, groups);
    b.pairWith(a, both, groups);
    return new Pair(a, b);
  }

  private UnixSocket make(Caller caller, int type, int protocol, int flags) {
    if (protocol != 0 && protocol != PROTOCOL_UNIX) {
      throw Errno.EPROTONOSUPPORT.exception();
    }
    return switch (type) {
      case SocketAbi.SOCK_STREAM -> new UnixStream(this, caller.credentials(), flags);
      // BSD's raw sockets of this family are datagram sockets (unix_create).
      case SocketAbi.SOCK_DGRAM, SocketAbi.SOCK_RAW ->
          new UnixDatagram(this, caller.credentials(), flags);
      case SocketAbi.SOCK_SEQPACKET -> new UnixSequence(this, caller.credentials(), flags);
      default -> throw Errno.ESOCKTNOSUPPORT.exception();
    };
  }

  SocketFilesystem inodes() {
    return inodes;
  }

  QueuedMemory memory() {
    return memory;
  }

  UnixNames names() {
    return names;
  }

  InFlight inFlight() {
    return inFlight;
  }

  void opened(UnixSocket socket) {
    open.add(socket);
  }

  void closed(UnixSocket socket) {
    open.remove(socket);
  }

  /** Closes sockets that nobody can reach any more. */
  void collectGarbage() {
    List<Segment> garbage = inFlight.collect();
    if (!garbage.isEmpty()) {
      Graveyard.bury(() -> garbage.forEach(this::discard));
    }
  }

  /** Gives back all that a segment holds. No actor is held. */
  void discard(Segment segment) {
    segment.sender.uncharge(segment.charge);
    if (!segment.rights.isEmpty()) {
      inFlight.leave(segment.rights);
      segment.rights.release();
    }
  }

  /** Makes the file that a path name is bound to; EADDRINUSE if the path exists. */
  VfsPath makeFile(WalkContext context, String path, int permissions) {
    try {
      return tree.mknod(context, path, FileMode.S_IFSOCK | permissions, 0);
    } catch (LinuxException e) {
      throw e.errno() == Errno.EEXIST ? Errno.EADDRINUSE.exception() : e;
    }
  }

  /** EADDRINUSE if the path exists. */
  void checkFree(WalkContext context, String path) {
    try {
      tree.walk(context, path, 0);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return;
      }
      throw e;
    }
    throw Errno.EADDRINUSE.exception();
  }

  /**
   * The socket bound to {@code address}, with a reference; ECONNREFUSED if there is none,
   * EPROTOTYPE if it has another type, and what a walk can fail with.
   */
  UnixSocket find(WalkContext context, UnixAddress address, int type) {
    UnixSocket found;
    if (address.isAbstract()) {
      found = names.find(type, address.name());
    } else {
      VfsPath file = tree.walk(context, address.name(), FileTree.FOLLOW);
      tree.access(context, file, WRITE);
      if ((file.inode().mode() & FileMode.S_IFMT) != FileMode.S_IFSOCK) {
        throw Errno.ECONNREFUSED.exception();
      }
      found = names.find(file.inode());
    }
    if (found == null || !found.tryRetain()) {
      throw Errno.ECONNREFUSED.exception();
    }
    if (found.type() != type) {
      found.release();
      throw Errno.EPROTOTYPE.exception();
    }
    return found;
  }

  /** As Linux counts: the socket itself, its descriptor, its peer. */
  private static int references(UnixSocket s) {
    return 1 + (s.awaitsAccept() ? 0 : 1) + (s.connected() && !s.queue().closed() ? 1 : 0);
  }

  /** Of all that are open, by inode number. */
  public List<UnixSocketRow> rows() {
    return open.stream()
        .map(UnixSocketRow::of)
        .sorted(Comparator.comparingLong(UnixSocketRow::ino))
        .toList();
  }

  /** The rows of /proc/net/unix. */
  public List<NetworkView.UnixSocket> view() {
    List<NetworkView.UnixSocket> rows = new ArrayList<>();
    for (UnixSocket s : open) {
      UnixAddress name = s.address();
      rows.add(
          new NetworkView.UnixSocket(
              references(s),
              s.listening(),
              s.type(),
              s.awaitsAccept() ? SS_CONNECTING : s.connected() ? SS_CONNECTED : SS_UNCONNECTED,
              s.awaitsAccept() ? 0 : s.inode().stat().ino(),
              name == null ? null : name.text()));
    }
    rows.sort(Comparator.comparingLong(NetworkView.UnixSocket::ino));
    return rows;
  }
}
