package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.WalkContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies what is in a directory into another, with owners and modes but not their times: runc's
 * tmpcopyup, which takes directories, regular files and symbolic links and leaves out the rest.
 * Both trees are the sandbox's; nothing runs in them yet.
 */
final class TreeCopy {
  private static final int CHUNK = 1 << 16;

  private final FileTree tree;
  private final WalkContext from;
  private final WalkContext to;

  /** The working directories of the contexts are the two. */
  TreeCopy(FileTree tree, WalkContext from, WalkContext to) {
    this.tree = tree;
    this.from = from;
    this.to = to;
  }

  void run() {
    directory(".");
  }

  private void directory(String path) {
    for (String name : names(path)) {
      String below = path + "/" + name;
      FileStat stat = tree.stat(from, below, 0);
      switch (stat.mode() & FileMode.S_IFMT) {
        case FileMode.S_IFDIR -> {
          tree.mkdir(to, below, 0700);
          directory(below);
          attributes(below, stat);
        }
        case FileMode.S_IFREG -> {
          data(below);
          attributes(below, stat);
        }
        case FileMode.S_IFLNK -> {
          tree.symlink(to, tree.readlink(from, below, 0), below);
          owner(below, stat);
        }
        default -> {} // as runc
      }
    }
  }

  private List<String> names(String path) {
    List<String> names = new ArrayList<>();
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    FileDescription directory = tree.open(from, path, flags, 0, 0);
    try {
      directory.readDirectory((name, ino, type, next) -> names.add(name));
    } finally {
      directory.release();
    }
    names.removeIf(n -> n.equals(".") || n.equals(".."));
    return names;
  }

  private void data(String path) {
    FileDescription in = tree.open(from, path, OpenFlags.O_RDONLY, 0, 0);
    try {
      int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
      FileDescription out = tree.open(to, path, flags, 0600, 0);
      try {
        copy(in, out);
      } finally {
        out.release();
      }
    } finally {
      in.release();
    }
  }

  private static void copy(FileDescription in, FileDescription out) {
    byte[] chunk = new byte[CHUNK];
    for (; ; ) {
      int length = (int) in.read(HeapBuffer.wrap(chunk));
      if (length == 0) {
        return;
      }
      HeapBuffer source = HeapBuffer.wrap(chunk, 0, length);
      while (source.remaining() > 0) {
        if (out.write(source) == 0) {
          throw Errno.EIO.exception();
        }
      }
    }
  }

  private void owner(String path, FileStat stat) {
    tree.setAttributes(to, tree.walk(to, path, 0), SetAttributes.ofOwner(stat.uid(), stat.gid()));
  }

  /** The owner first: to change it takes set-id bits away. */
  private void attributes(String path, FileStat stat) {
    owner(path, stat);
    int mode = stat.mode() & FileMode.PERMISSIONS;
    tree.setAttributes(to, tree.walk(to, path, 0), SetAttributes.ofMode(mode));
  }
}
