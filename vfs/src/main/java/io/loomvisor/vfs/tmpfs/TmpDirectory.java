package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A directory. All its state is the file system's actor's. */
final class TmpDirectory extends TmpInode {
  /** What Linux's tmpfs counts per entry in st_size. */
  private static final int BOGO_DIRENT_SIZE = 20;

  /**
   * One name.
   *
   * @param offset its place in the listing, never used again: getdents64(2) goes on after it
   *     whatever changes
   */
  record Entry(String name, TmpInode inode, long offset) {}

  private final Map<String, Entry> byName = new HashMap<>();
  private final NavigableMap<Long, Entry> byOffset = new TreeMap<>();

  /** 0 and 1 are "." and "..". */
  private long nextOffset = 2;

  private TmpDirectory parent;

  /** Entries now; volatile for stat. */
  private volatile int count;

  /** {@code parent} null: the root. */
  TmpDirectory(TmpFilesystem fs, Ownership owner, TmpDirectory parent) {
    super(fs, owner);
    this.parent = parent == null ? this : parent;
    addLinks(1);
  }

  @Override
  long sizeOf() {
    return (2L + count) * BOGO_DIRENT_SIZE;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return new TmpDirectoryDescription(this, path, flags);
  }

  @Override
  public Inode lookup(String name) {
    return fs().call(
            () -> {
              Entry e = byName.get(name);
              return e == null ? null : e.inode;
            });
  }

  @Override
  public Inode create(String name, int mode, long rdev, Credentials owner) {
    return add(
        name,
        () -> {
          Ownership o = Ownership.of(mode(), gid(), mode, owner);
          return FileMode.isRegular(mode)
              ? new TmpRegular(fs(), o, Sealable.F_SEAL_SEAL)
              : new TmpSpecial(fs(), o, rdev);
        });
  }

  @Override
  public Inode createUnnamed(int mode, Credentials owner) {
    return fs().call(
            () -> {
              fs().chargeInode();
              TmpRegular made =
                  new TmpRegular(
                      fs(), Ownership.of(mode(), gid(), mode, owner), Sealable.F_SEAL_SEAL);
              made.addLinks(-1);
              made.markLinkable();
              return made;
            });
  }

  @Override
  public Inode makeDirectory(String name, int mode, Credentials owner) {
    return add(name, () -> new TmpDirectory(fs(), Ownership.of(mode(), gid(), mode, owner), this));
  }

  @Override
  public Inode makeSymlink(String name, String target, Credentials owner) {
    int mode = FileMode.S_IFLNK | 0777;
    return add(name, () -> fs().newSymlink(Ownership.of(mode(), gid(), mode, owner), target));
  }

  private TmpInode add(String name, java.util.function.Supplier<TmpInode> make) {
    return fs().call(
            () -> {
              checkFree(name);
              fs().chargeInode();
              TmpInode made = make.get();
              put(name, made);
              modified();
              return made;
            });
  }

  @Override
  public void link(String name, Inode existing) {
    if (!(existing instanceof TmpInode inode) || inode.fs() != fs()) {
      throw Errno.EXDEV.exception();
    }
    fs().run(
            () -> {
              checkFree(name);
              inode.takeLink();
              inode.changed();
              put(name, inode);
              modified();
            });
  }

  @Override
  public void unlink(String name) {
    TmpInode gone =
        fs().call(
                () -> {
                  TmpInode inode = existing(name).inode;
                  if (inode.isDirectory()) {
                    throw Errno.EISDIR.exception();
                  }
                  remove(name);
                  inode.dropLink();
                  inode.changed();
                  modified();
                  return inode;
                });
    fs().discardIfUnused(gone);
  }

  @Override
  public void removeDirectory(String name) {
    TmpDirectory gone =
        fs().call(
                () -> {
                  TmpDirectory victim = directory(existing(name).inode);
                  victim.checkEmpty();
                  remove(name);
                  victim.addLinks(-2);
                  victim.changed();
                  modified();
                  return victim;
                });
    fs().discardIfUnused(gone);
  }

  @Override
  public void rename(String oldName, Inode newParent, String newName, int flags) {
    if (!(newParent instanceof TmpDirectory to) || to.fs() != fs()) {
      throw Errno.EXDEV.exception();
    }
    TmpInode replaced = fs().call(() -> new TmpRename(this, oldName, to, newName, flags).run());
    if (replaced != null) {
      fs().discardIfUnused(replaced);
    }
  }

  // What follows runs in the file system's actor.

  Entry entry(String name) {
    return byName.get(name);
  }

  Entry existing(String name) {
    Entry e = byName.get(name);
    if (e == null) {
      throw Errno.ENOENT.exception();
    }
    return e;
  }

  static TmpDirectory directory(TmpInode inode) {
    if (inode instanceof TmpDirectory d) {
      return d;
    }
    throw Errno.ENOTDIR.exception();
  }

  void checkEmpty() {
    if (!byName.isEmpty()) {
      throw Errno.ENOTEMPTY.exception();
    }
  }

  /** ENOENT if this directory has been removed itself. */
  void checkAlive() {
    if (nlink() == 0) {
      throw Errno.ENOENT.exception();
    }
  }

  private void checkFree(String name) {
    checkAlive();
    if (byName.containsKey(name)) {
      throw Errno.EEXIST.exception();
    }
  }

  /** Enters {@code inode}; a directory counts as a link to this one and gets it as its parent. */
  void put(String name, TmpInode inode) {
    Entry e = new Entry(name, inode, nextOffset++);
    Entry old = byName.put(name, e);
    if (old != null) {
      byOffset.remove(old.offset);
    }
    byOffset.put(e.offset, e);
    if (inode instanceof TmpDirectory d) {
      d.parent = this;
      addLinks(1);
    }
    count = byName.size();
  }

  /** Puts {@code inode} in the place of what is called so; for RENAME_EXCHANGE. */
  void replace(String name, TmpInode inode) {
    Entry old = byName.get(name);
    Entry e = new Entry(name, inode, old.offset);
    byName.put(name, e);
    byOffset.put(e.offset, e);
    addLinks((inode.isDirectory() ? 1 : 0) - (old.inode.isDirectory() ? 1 : 0));
    if (inode instanceof TmpDirectory d) {
      d.parent = this;
    }
  }

  void remove(String name) {
    Entry e = byName.remove(name);
    byOffset.remove(e.offset);
    if (e.inode.isDirectory()) {
      addLinks(-1);
    }
    count = byName.size();
  }

  /** Takes every name below this away; the files and directories that had them. */
  List<TmpInode> empty() {
    List<TmpInode> gone = new ArrayList<>();
    List<TmpDirectory> left = new ArrayList<>(List.of(this));
    while (!left.isEmpty()) {
      TmpDirectory d = left.removeLast();
      for (Entry e : List.copyOf(d.byName.values())) {
        d.remove(e.name);
        if (e.inode instanceof TmpDirectory below) {
          left.add(below);
          below.addLinks(-2);
        } else {
          e.inode.dropLink();
        }
        gone.add(e.inode);
      }
    }
    return gone;
  }

  /** Whether this is {@code other} or below it. */
  boolean isWithin(TmpInode other) {
    TmpDirectory d = this;
    while (d != other) {
      if (d.parent == d) {
        return false;
      }
      d = d.parent;
    }
    return true;
  }

  long parentIno() {
    return parent.ino();
  }

  List<Entry> listing(long from, int max) {
    List<Entry> found = new ArrayList<>();
    for (Entry e : byOffset.tailMap(from, true).values()) {
      found.add(e);
      if (found.size() == max) {
        break;
      }
    }
    return found;
  }
}
