package io.loomvisor.vfs.notify;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where the VFS says what has been done (Linux: include/linux/fsnotify.h). Each method is called
 * right after the operation, with no actor held, and does nothing but look at one field if nobody
 * watches the file system.
 */
public final class FileNotice {
  private static final AtomicInteger LAST_COOKIE = new AtomicInteger();

  private FileNotice() {}

  /** Opened by path: IN_OPEN, and its close will be said too. Returns the description. */
  public static FileDescription opened(FileDescription d) {
    d.markNoticed();
    describe(d, NotifyEvents.IN_OPEN);
    return d;
  }

  /** The last reference is about to go. */
  public static void closed(FileDescription d) {
    describe(d, d.writable() ? NotifyEvents.IN_CLOSE_WRITE : NotifyEvents.IN_CLOSE_NOWRITE);
  }

  /** Something has been read, or a directory been listed. */
  public static void accessed(FileDescription d) {
    describe(d, NotifyEvents.IN_ACCESS);
  }

  /** Something has been written, or the size been set through the description. */
  public static void modified(FileDescription d) {
    describe(d, NotifyEvents.IN_MODIFY);
  }

  private static void describe(FileDescription d, int event) {
    VfsPath p = d.path();
    Watches w = p == null ? null : p.inode().filesystem().watches();
    if (w != null) {
      w.tell(p.dentry(), event | directory(p.inode()), true);
    }
  }

  /** The description has let go of its path: perhaps it was the last to keep a removed file. */
  public static void released(VfsPath p) {
    Watches w = p.inode().filesystem().watches();
    if (w != null && p.dentry().deleted()) {
      endIfGone(w, p.inode());
    }
  }

  /** chmod, chown, truncate, utimensat (fsnotify_change()). */
  public static void changed(VfsPath p, SetAttributes change) {
    Watches w = p.inode().filesystem().watches();
    if (w == null) {
      return;
    }
    boolean attributes = change.mode() != null || change.uid() != null || change.gid() != null;
    int event = attributes ? NotifyEvents.IN_ATTRIB : 0;
    if (change.size() != null) {
      event |= NotifyEvents.IN_MODIFY;
    }
    if (change.atime() != null && change.mtime() != null) {
      event |= NotifyEvents.IN_ATTRIB;
    } else if (change.atime() != null) {
      event |= NotifyEvents.IN_ACCESS;
    } else if (change.mtime() != null) {
      event |= NotifyEvents.IN_MODIFY;
    }
    w.tell(p.dentry(), event | directory(p.inode()), false);
  }

  /** Extended attributes have changed. */
  public static void attributes(VfsPath p) {
    Watches w = p.inode().filesystem().watches();
    if (w != null) {
      w.tell(p.dentry(), NotifyEvents.IN_ATTRIB | directory(p.inode()), false);
    }
  }

  /** A new name in {@code parent}. */
  public static void created(Dentry parent, String name, Inode made) {
    Watches w = parent.inode().filesystem().watches();
    if (w != null) {
      w.tell(parent.inode(), NotifyEvents.IN_CREATE | directory(made), 0, name);
    }
  }

  /** A further name of a file. */
  public static void linked(Dentry parent, String name, Inode file) {
    Watches w = parent.inode().filesystem().watches();
    if (w != null) {
      w.tell(file, NotifyEvents.IN_ATTRIB, 0, "");
      w.tell(parent.inode(), NotifyEvents.IN_CREATE, 0, name);
    }
  }

  /** A name is gone, and perhaps the file with it. */
  public static void removed(Dentry parent, String name, Inode file) {
    Watches w = parent.inode().filesystem().watches();
    if (w == null) {
      return;
    }
    int directory = directory(file);
    if (directory == 0) {
      w.tell(file, NotifyEvents.IN_ATTRIB, 0, "");
    }
    endIfGone(w, file);
    w.tell(parent.inode(), NotifyEvents.IN_DELETE | directory, 0, name);
  }

  /**
   * A rename (fsnotify_move()).
   *
   * @param replaced what had the new name; null for nothing
   */
  public static void moved(
      Dentry oldParent,
      String oldName,
      Dentry newParent,
      String newName,
      Inode moved,
      Inode replaced) {
    Watches w = oldParent.inode().filesystem().watches();
    if (w == null) {
      return;
    }
    move(w, oldParent, oldName, newParent, newName, moved);
    if (replaced != null) {
      w.tell(replaced, NotifyEvents.IN_ATTRIB | directory(replaced), 0, "");
    }
    w.tell(moved, NotifyEvents.IN_MOVE_SELF, 0, "");
    if (replaced != null) {
      endIfGone(w, replaced);
    }
  }

  /** RENAME_EXCHANGE: two moves. */
  public static void exchanged(
      Dentry oldParent, String oldName, Dentry newParent, String newName, Inode one, Inode other) {
    Watches w = oldParent.inode().filesystem().watches();
    if (w == null) {
      return;
    }
    move(w, oldParent, oldName, newParent, newName, one);
    w.tell(one, NotifyEvents.IN_MOVE_SELF, 0, "");
    move(w, newParent, newName, oldParent, oldName, other);
    w.tell(other, NotifyEvents.IN_MOVE_SELF, 0, "");
  }

  private static void move(
      Watches w, Dentry from, String oldName, Dentry to, String newName, Inode moved) {
    int cookie = LAST_COOKIE.incrementAndGet();
    int directory = directory(moved);
    w.tell(from.inode(), NotifyEvents.IN_MOVED_FROM | directory, cookie, oldName);
    w.tell(to.inode(), NotifyEvents.IN_MOVED_TO | directory, cookie, newName);
  }

  /** The last mount of the file system is gone. */
  public static void unmounted(Filesystem filesystem) {
    Watches w = filesystem.watches();
    if (w != null) {
      w.unmounted();
    }
  }

  /** IN_DELETE_SELF comes when the file has neither a name nor a user any more. */
  private static void endIfGone(Watches w, Inode file) {
    if (w.watched(file) && !file.isOpen() && withoutName(file)) {
      w.tell(file, NotifyEvents.IN_DELETE_SELF, 0, "");
      w.end(file);
    }
  }

  private static boolean withoutName(Inode file) {
    try {
      return FileMode.isDirectory(file.mode()) || file.stat().nlink() == 0;
    } catch (LinuxException e) {
      // A host's file that has gone cannot be asked any more.
      return true;
    }
  }

  private static int directory(Inode inode) {
    return FileMode.isDirectory(inode.mode()) ? NotifyEvents.IN_ISDIR : 0;
  }
}
