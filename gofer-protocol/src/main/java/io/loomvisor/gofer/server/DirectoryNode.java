package io.loomvisor.gofer.server;

/**
 * A directory that has a fid, or a descendant that has one. Known by its place (parent and name)
 * and its identity (host device and inode number); a descriptor is open only while it is in use,
 * see {@link DirectoryTable#descriptor}.
 */
final class DirectoryNode {
  final GoferRoot root;
  final long dev;
  final long ino;

  /** null for the root directory itself. */
  DirectoryNode parent;

  String name;

  /** Fids bound to it and nodes below it. */
  int references;

  /** O_PATH descriptor, -1 while closed. */
  int fd;

  DirectoryNode(GoferRoot root, DirectoryNode parent, String name, long dev, long ino) {
    this.root = root;
    this.parent = parent;
    this.name = name;
    this.dev = dev;
    this.ino = ino;
    this.fd = -1;
  }
}
