package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fids of one connection and the directories behind them. Descriptors are kept open for the
 * directories used last only; a closed one is opened again name by name from its nearest open
 * ancestor, and must still be the same directory (ESTALE). Owned by the server's thread.
 */
final class DirectoryTable {
  /** Fids of one connection at most; ENFILE beyond. */
  static final int MAX_FIDS = 48 << 10;

  /** Directories kept open at most; more than any one request needs at the same time. */
  static final int MAX_OPEN = 512;

  private static final int MAX_DEPTH = 4096;

  /**
   * A directory by identity; the same one seen through two roots is two, as their rights may
   * differ.
   */
  private record Identity(GoferRoot root, long dev, long ino) {}

  private final Map<Integer, DirectoryNode> fids = new HashMap<>();
  private final Map<Identity, DirectoryNode> nodes = new HashMap<>();

  /** Nodes below a root that have a descriptor, least recently used first. */
  private final LinkedHashMap<DirectoryNode, Boolean> open = new LinkedHashMap<>(16, 0.75f, true);

  /** The directory of a fid; EBADF. */
  DirectoryNode get(int fid) {
    DirectoryNode node = fids.get(fid);
    if (node == null) {
      throw Errno.EBADF.exception();
    }
    return node;
  }

  /**
   * Throws unless {@code fid} can be bound now: EBADF if it is in use, ENFILE if there are too
   * many.
   */
  void checkFree(int fid) {
    if (fids.containsKey(fid)) {
      throw Errno.EBADF.exception();
    }
    if (fids.size() >= MAX_FIDS) {
      throw Errno.ENFILE.exception();
    }
  }

  void bind(int fid, DirectoryNode node) {
    checkFree(fid);
    node.references++;
    fids.put(fid, node);
  }

  void clunk(int fid) {
    DirectoryNode node = fids.remove(fid);
    if (node != null) {
      drop(node);
    }
  }

  private void drop(DirectoryNode node) {
    DirectoryNode n = node;
    while (n != null && --n.references == 0) {
      nodes.remove(new Identity(n.root, n.dev, n.ino), n);
      if (n.parent != null) {
        open.remove(n);
        closeDescriptor(n);
      }
      n = n.parent;
    }
  }

  /** The node of a root directory. */
  DirectoryNode root(GoferRoot root, FileStat stat) {
    DirectoryNode node =
        nodes.computeIfAbsent(
            new Identity(root, stat.dev(), stat.ino()),
            id -> new DirectoryNode(root, null, "", stat.dev(), stat.ino()));
    if (node.parent == null) {
      node.fd = root.fd();
    }
    return node;
  }

  /** The node of the directory {@code name} in {@code parent}, which {@code stat} describes. */
  DirectoryNode child(DirectoryNode parent, String name, FileStat stat) {
    Identity id = new Identity(parent.root, stat.dev(), stat.ino());
    DirectoryNode known = nodes.get(id);
    if (known != null) {
      if (known.parent != null && !isBelow(parent, known)) {
        place(known, parent, name);
      }
      return known;
    }
    DirectoryNode node = new DirectoryNode(parent.root, parent, name, stat.dev(), stat.ino());
    parent.references++;
    nodes.put(id, node);
    return node;
  }

  /** Forgets {@code node} if nothing came to need it. */
  void settle(DirectoryNode node) {
    if (node.references == 0) {
      node.references = 1;
      drop(node);
    }
  }

  /** A directory was renamed within its root: the node follows, if there is one. */
  void moved(FileStat stat, DirectoryNode newParent, String newName) {
    DirectoryNode node = nodes.get(new Identity(newParent.root, stat.dev(), stat.ino()));
    if (node != null && node.parent != null && !isBelow(newParent, node)) {
      place(node, newParent, newName);
    }
  }

  private void place(DirectoryNode node, DirectoryNode parent, String name) {
    node.name = name;
    if (node.parent != parent) {
      DirectoryNode old = node.parent;
      parent.references++;
      node.parent = parent;
      drop(old);
    }
  }

  /**
   * Whether {@code node} is {@code top} or below it: a bind mount may show a directory inside
   * itself.
   */
  private static boolean isBelow(DirectoryNode node, DirectoryNode top) {
    for (DirectoryNode n = node; n != null; n = n.parent) {
      if (n == top) {
        return true;
      }
    }
    return false;
  }

  /**
   * The O_PATH descriptor of {@code node}. Stays open at least until {@link #MAX_OPEN} others have
   * been asked for. ESTALE if the directory is no longer where it was.
   */
  int descriptor(DirectoryNode node) {
    if (node.fd >= 0) {
      if (node.parent != null) {
        open.get(node);
      }
      return node.fd;
    }
    ArrayDeque<DirectoryNode> path = new ArrayDeque<>();
    for (DirectoryNode n = node; n.fd < 0; n = n.parent) {
      if (path.size() == MAX_DEPTH) {
        throw Errno.ENAMETOOLONG.exception();
      }
      path.push(n);
    }
    int fd = path.peek().parent.fd;
    int keep = MAX_OPEN / 4;
    int left = path.size();
    int passing = -1;
    for (DirectoryNode n : path) {
      int opened = openChild(fd, n, passing);
      passing = -1;
      left--;
      if (left < keep) {
        n.fd = opened;
        open.put(n, Boolean.TRUE);
      } else {
        passing = opened;
      }
      fd = opened;
    }
    trim(node);
    return node.fd;
  }

  /**
   * Opens {@code node} below {@code parentFd} and closes {@code passing}, a descriptor no longer
   * needed then, or -1.
   */
  private static int openChild(int parentFd, DirectoryNode node, int passing) {
    try {
      int fd =
          DirectoryCalls.open(parentFd, node.name, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0);
      FileStat stat = DirectoryCalls.stat(fd, "");
      if (stat.dev() != node.dev || stat.ino() != node.ino || !FileMode.isDirectory(stat.mode())) {
        DescriptorCalls.close(fd);
        throw Errno.ESTALE.exception();
      }
      return fd;
    } catch (io.loomvisor.gofer.abi.LinuxException e) {
      throw switch (e.errno()) {
        case ENOENT, ENOTDIR, ELOOP -> Errno.ESTALE.exception();
        default -> e;
      };
    } finally {
      if (passing >= 0) {
        DescriptorCalls.close(passing);
      }
    }
  }

  private void trim(DirectoryNode keep) {
    Iterator<DirectoryNode> eldest = open.keySet().iterator();
    while (open.size() > MAX_OPEN && eldest.hasNext()) {
      DirectoryNode n = eldest.next();
      if (n != keep) {
        eldest.remove();
        closeDescriptor(n);
      }
    }
  }

  private static void closeDescriptor(DirectoryNode n) {
    if (n.fd >= 0) {
      DescriptorCalls.close(n.fd);
      n.fd = -1;
    }
  }

  /** Closes every descriptor but those of the roots. */
  void close() {
    open.keySet().forEach(DirectoryTable::closeDescriptor);
    open.clear();
    fids.clear();
    nodes.clear();
  }
}
