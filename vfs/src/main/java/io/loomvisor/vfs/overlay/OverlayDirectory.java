package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.KernelMemory;
import io.loomvisor.vfs.NamesAhead;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory: the lower one's names (if there is one: else it is opaque) as changed by {@link
 * Names}. The lower directory is asked before the actor is entered; as it does not change, its
 * answers hold there.
 */
final class OverlayDirectory extends OverlayInode {
  private static final int EXCHANGE = 2;
  private static final int KNOWN_FLAGS = 3;

  /** A name of the lower directory. */
  record LowerEntry(String name, long ino, int type) {}

  private final Names names = new Names();

  /** Owned by the actor; itself for the root. */
  private OverlayDirectory parent;

  /** {@code parent} null: the root. */
  OverlayDirectory(OverlayFilesystem fs, Inode lower, FileStat stat, OverlayDirectory parent) {
    super(fs, lower, stat, parent);
    this.parent = parent == null ? this : parent;
  }

  OverlayDirectory(OverlayFilesystem fs, Inode upper, OverlayDirectory parent) {
    super(fs, upper, 2);
    this.parent = parent;
  }

  /** A count of 1 stays: it says that the lower file system does not count subdirectories. */
  @Override
  void addLinks(int delta) {
    if (nlink() > 1) {
      super.addLinks(delta);
    }
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return new OverlayDirectoryDescription(this, path, flags);
  }

  @Override
  public NamesAhead expect(List<String> path) {
    if (lower() != null) {
      lower().expect(path);
    }
    return NamesAhead.UNKNOWN;
  }

  @Override
  public OverlayInode lookup(String name) {
    Names.Entry known = fs().call(() -> names.get(name));
    if (known != null) {
      return known.inode();
    }
    Inode found = lower() == null ? null : lower().lookup(name);
    if (found == null) {
      // A name that was made here meanwhile is no miss for its maker, who has entered it.
      return fs().call(() -> names.live(name));
    }
    OverlayInode fresh = fs().wrap(found, this);
    return fs().call(
            () -> {
              Names.Entry now = names.get(name);
              if (now != null) {
                return now.inode();
              }
              OverlayInode node = fs().adopt(fresh);
              names.found(name, node);
              return node;
            });
  }

  @Override
  public Inode create(String name, int mode, long rdev, Credentials owner) {
    if (isWhiteoutDevice(mode, rdev)) {
      throw Errno.EPERM.exception();
    }
    return add(name, mode, rdev, null, owner);
  }

  @Override
  public Inode makeDirectory(String name, int mode, Credentials owner) {
    return add(name, mode, 0, null, owner);
  }

  @Override
  public Inode makeSymlink(String name, String target, Credentials owner) {
    return add(name, FileMode.S_IFLNK | 0777, 0, target, owner);
  }

  private OverlayInode add(String name, int mode, long rdev, String target, Credentials owner) {
    checkAbsent(name);
    copyUp();
    OverlayInode made = fs().make(this, mode, rdev, target, owner);
    boolean entered =
        fs().call(
                () -> {
                  if (nlink() == 0 || names.live(name) != null) {
                    return false;
                  }
                  put(name, made);
                  modified();
                  return true;
                });
    if (!entered) {
      fs().upper().removeDetached(made.upper());
      throw nlink() == 0 ? Errno.ENOENT.exception() : Errno.EEXIST.exception();
    }
    return made;
  }

  @Override
  public Inode createUnnamed(int mode, Credentials owner) {
    OverlayInode made = fs().make(this, mode, 0, null, owner);
    fs().run(made::markUnnamed);
    return made;
  }

  @Override
  public void link(String name, Inode existing) {
    if (!(existing instanceof OverlayInode inode) || inode.fs() != fs()) {
      throw Errno.EXDEV.exception();
    }
    checkAbsent(name);
    copyUp();
    inode.copyUp();
    fs().run(
            () -> {
              checkAlive();
              if (names.live(name) != null) {
                throw Errno.EEXIST.exception();
              }
              fs().upper().memory().take(KernelMemory.NAME, Errno.ENOSPC);
              inode.checkLinkable();
              inode.addLinks(1);
              inode.changed();
              put(name, inode);
              modified();
            });
  }

  private void checkAbsent(String name) {
    if (lookup(name) != null) {
      throw Errno.EEXIST.exception();
    }
  }

  @Override
  public void unlink(String name) {
    boolean done;
    do {
      done = unlink(name, existing(name));
    } while (!done);
  }

  /** False if the name has become another's. */
  private boolean unlink(String name, OverlayInode victim) {
    if (victim.isDirectory()) {
      throw Errno.EISDIR.exception();
    }
    copyUp();
    if (victim.nlink() > 1) {
      victim.copyUp();
    }
    boolean done =
        fs().call(
                () -> {
                  if (names.live(name) != victim) {
                    return false;
                  }
                  remove(name);
                  victim.addLinks(-1);
                  victim.changed();
                  modified();
                  return true;
                });
    if (done) {
      fs().discardIfUnused(victim);
    }
    return done;
  }

  @Override
  public void removeDirectory(String name) {
    boolean done;
    do {
      if (!(existing(name) instanceof OverlayDirectory victim)) {
        throw Errno.ENOTDIR.exception();
      }
      done = removeDirectory(name, victim);
    } while (!done);
  }

  private boolean removeDirectory(String name, OverlayDirectory victim) {
    List<String> lowerNames = victim.lowerNames();
    copyUp();
    boolean done =
        fs().call(
                () -> {
                  if (names.live(name) != victim) {
                    return false;
                  }
                  victim.checkEmpty(lowerNames);
                  remove(name);
                  victim.removed();
                  victim.changed();
                  modified();
                  return true;
                });
    if (done) {
      fs().discardIfUnused(victim);
    }
    return done;
  }

  @Override
  public void rename(String oldName, Inode newParent, String newName, int flags) {
    if (!(newParent instanceof OverlayDirectory to) || to.fs() != fs()) {
      throw Errno.EXDEV.exception();
    }
    if ((flags & ~KNOWN_FLAGS) != 0) {
      throw Errno.EINVAL.exception();
    }
    OverlayRename.Outcome outcome;
    do {
      OverlayInode moved = existing(oldName);
      OverlayInode there = to.lookup(newName);
      outcome = rename(oldName, moved, to, newName, there, flags);
    } while (outcome == OverlayRename.STALE);
    if (outcome.replaced() != null) {
      fs().discardIfUnused(outcome.replaced());
    }
  }

  private OverlayRename.Outcome rename(
      String oldName,
      OverlayInode moved,
      OverlayDirectory to,
      String newName,
      OverlayInode there,
      int flags) {
    copyUp();
    to.copyUp();
    moved.copyUp();
    if (there != null && ((flags & EXCHANGE) != 0 || there.nlink() > 1)) {
      there.copyUp();
    }
    List<String> lowerNames = there instanceof OverlayDirectory d ? d.lowerNames() : List.of();
    OverlayRename rename =
        new OverlayRename(this, oldName, moved, to, newName, there, lowerNames, flags);
    return fs().call(rename::run);
  }

  private OverlayInode existing(String name) {
    OverlayInode found = lookup(name);
    if (found == null) {
      throw Errno.ENOENT.exception();
    }
    return found;
  }

  /** All names of the lower directory. */
  List<LowerEntry> lowerEntries() {
    if (lower() == null) {
      return List.of();
    }
    VfsPath place = fs().lowerPlace(lower());
    FileDescription d =
        lower().open(place, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, KernelCaller.ROOT);
    try {
      List<LowerEntry> all = new ArrayList<>();
      d.readDirectory(
          (name, ino, type, next) -> {
            if (!name.equals(".") && !name.equals("..")) {
              all.add(new LowerEntry(name, ino, type));
            }
            return true;
          });
      return all;
    } finally {
      d.release();
    }
  }

  private List<String> lowerNames() {
    return lowerEntries().stream().map(LowerEntry::name).toList();
  }

  // What follows runs in the file system's actor.

  Names names() {
    return names;
  }

  long parentIno() {
    return parent.ino();
  }

  /** ENOENT if this directory has been removed itself. */
  void checkAlive() {
    if (nlink() == 0) {
      throw Errno.ENOENT.exception();
    }
  }

  void checkEmpty(List<String> lowerNames) {
    if (names.anyAdded() || !names.hides(lowerNames)) {
      throw Errno.ENOTEMPTY.exception();
    }
  }

  /** Enters {@code inode}; a directory counts as a link to this one. The name must be free. */
  void put(String name, OverlayInode inode) {
    names.put(name, inode);
    if (inode instanceof OverlayDirectory d) {
      d.parent = this;
      addLinks(1);
    }
  }

  void remove(String name) {
    if (names.live(name).isDirectory()) {
      addLinks(-1);
    }
    names.remove(name);
  }

  /** Names have changed now; the attributes are above. */
  void modified() {
    upper().setAttributes(SetAttributes.ofTimes(null, fs().now()));
  }

  /** Whether this is {@code other} or below it. */
  boolean isWithin(OverlayInode other) {
    OverlayDirectory d = this;
    while (d != other) {
      if (d.parent == d) {
        return false;
      }
      d = d.parent;
    }
    return true;
  }
}
