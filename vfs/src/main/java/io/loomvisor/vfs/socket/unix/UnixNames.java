package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.synthetic.TextBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The bound names of one network name space: abstract ones, for each type a space of its own, and
 * the inodes of paths. Holds no references: a socket takes its name out when it is closed.
 */
final class UnixNames extends Actor {
  private record AbstractKey(int type, String name) {}

  /** An inode object may be made anew by its file system; its number stays. */
  private record FileKey(Filesystem filesystem, long ino) {
    static FileKey of(Inode inode) {
      return new FileKey(inode.filesystem(), inode.stat().ino());
    }
  }

  /** Names chosen by the kernel are five hexadecimal digits. */
  private static final int CHOICES = 1 << 20;

  private final Map<AbstractKey, UnixSocket> abstractNames = new HashMap<>();
  private final Map<FileKey, UnixSocket> files = new HashMap<>();
  private int nextChoice;

  UnixNames() {
    super(Rank.ENDPOINT);
  }

  /** EADDRINUSE. */
  void bind(int type, String name, UnixSocket socket) {
    ask(
        () -> {
          if (abstractNames.putIfAbsent(new AbstractKey(type, name), socket) != null) {
            throw Errno.EADDRINUSE.exception();
          }
        });
  }

  /** Binds a name that is free and returns it; ENOSPC if none is. */
  String choose(int type, UnixSocket socket) {
    return ask(
        () -> {
          for (int i = 0; i < CHOICES; i++) {
            nextChoice = (nextChoice + 1) % CHOICES;
            String name = new TextBuffer().add('\0').hex(nextChoice, 5).toString();
            if (abstractNames.putIfAbsent(new AbstractKey(type, name), socket) == null) {
              return name;
            }
          }
          throw Errno.ENOSPC.exception();
        });
  }

  void bind(Inode inode, UnixSocket socket) {
    FileKey key = FileKey.of(inode);
    ask(() -> files.put(key, socket));
  }

  /** Null if there is none. */
  UnixSocket find(int type, String name) {
    return ask(() -> abstractNames.get(new AbstractKey(type, name)));
  }

  UnixSocket find(Inode inode) {
    FileKey key = FileKey.of(inode);
    return ask(() -> files.get(key));
  }

  void unbind(int type, String name, UnixSocket socket) {
    ask(() -> abstractNames.remove(new AbstractKey(type, name), socket));
  }

  void unbind(Inode inode, UnixSocket socket) {
    FileKey key = FileKey.of(inode);
    ask(() -> files.remove(key, socket));
  }
}
