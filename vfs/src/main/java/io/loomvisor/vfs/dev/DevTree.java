package io.loomvisor.vfs.dev;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Inode;

/**
 * What a container's /dev has (runtime-spec, "Default Devices" and "Default filesystems"): nodes,
 * links, and directories to mount devpts, shared memory and message queues on. Made in any writable
 * file system, a tmpfs as a rule, before it is mounted; the application may add to it and take
 * away.
 */
public final class DevTree {
  private record Node(String name, int permissions, long rdev) {}

  private static final Node[] NODES = {
    new Node("null", 0666, Devices.NULL),
    new Node("zero", 0666, Devices.ZERO),
    new Node("full", 0666, Devices.FULL),
    new Node("random", 0666, Devices.RANDOM),
    new Node("urandom", 0666, Devices.URANDOM),
    new Node("tty", 0666, Devices.TTY),
  };

  private static final String[][] LINKS = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
    {"ptmx", "pts/ptmx"},
    {"core", "/proc/kcore"},
  };

  private DevTree() {}

  /**
   * Makes everything in the empty directory {@code root}.
   *
   * @param console also makes /dev/console
   */
  public static void populate(Inode root, boolean console) {
    Credentials owner = Credentials.root();
    for (Node n : NODES) {
      node(root, n, owner);
    }
    if (console) {
      node(root, new Node("console", 0620, Devices.CONSOLE), owner);
    }
    for (String[] link : LINKS) {
      root.makeSymlink(link[0], link[1], owner);
    }
    root.makeDirectory("pts", FileMode.S_IFDIR | 0755, owner);
    root.makeDirectory("shm", FileMode.S_IFDIR | 0755, owner)
        .setAttributes(SetAttributes.ofMode(01777));
  }

  private static void node(Inode root, Node n, Credentials owner) {
    root.create(n.name, FileMode.S_IFCHR | n.permissions, n.rdev, owner);
  }
}
