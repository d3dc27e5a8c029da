package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.KernelMemory;
import java.util.List;

/**
 * One file of the overlay. It has a lower inode, an upper one, or both; attributes are the upper's
 * if there is one. The node stays the same across copy-up.
 */
abstract class OverlayInode extends Inode {
  /** What Linux keeps for the overlay itself (fs/overlayfs/xattrs.c). */
  private static final String OWN_XATTRS = "trusted.overlay.";

  private static final SetAttributes CHANGE_TIME =
      new SetAttributes(null, null, null, null, null, null);

  private final OverlayFilesystem fs;
  private final Inode lower;

  /**
   * Keeps the directory whose table has this node, so that a walk finds this one as long as
   * somebody uses it, with or without its path.
   */
  private final OverlayDirectory foundIn;

  private final long ino;

  /** The lower file's; null: the upper's. */
  private final FileTime btime;

  /** Set in the actor, read by all. */
  private volatile Inode upper;

  private volatile long nlink;

  /** Descriptions and pins; owned by the actor, as the next ones. */
  private int uses;

  private boolean discarded;

  /** Created by O_TMPFILE: may get a first name though it has none. */
  private boolean linkable;

  /** A file of the lower layer that was found in {@code foundIn}; null for the root. */
  OverlayInode(OverlayFilesystem fs, Inode lower, FileStat stat, OverlayDirectory foundIn) {
    super(fs);
    this.fs = fs;
    this.lower = lower;
    this.foundIn = foundIn;
    this.ino = stat.ino();
    this.nlink = stat.nlink();
    this.btime = stat.btime();
  }

  /** A new file. */
  OverlayInode(OverlayFilesystem fs, Inode upper, long nlink) {
    super(fs);
    this.fs = fs;
    this.lower = null;
    this.foundIn = null;
    this.upper = upper;
    this.ino = fs.nextIno();
    this.nlink = nlink;
    this.btime = null;
  }

  final OverlayFilesystem fs() {
    return fs;
  }

  /** Null for what was made in the overlay. */
  final Inode lower() {
    return lower;
  }

  /** Null until it is copied up. */
  final Inode upper() {
    return upper;
  }

  /** In the actor. */
  final void setUpper(Inode now) {
    upper = now;
    fs.keep(this);
  }

  final long ino() {
    return ino;
  }

  final long nlink() {
    return nlink;
  }

  /** In the actor. */
  void addLinks(int delta) {
    if (delta < 0 && nlink > 1 && !isDirectory()) {
      fs.upper().memory().give(KernelMemory.NAME);
    }
    nlink = Math.max(0, nlink + delta);
    if (nlink == 0) {
      fs.disown(this);
    }
  }

  /** In the actor: it has lost its last name, whatever was counted. */
  final void removed() {
    nlink = 0;
    fs.disown(this);
  }

  final boolean isDirectory() {
    return this instanceof OverlayDirectory;
  }

  /** The layer whose attributes hold. */
  final Inode attributes() {
    Inode u = upper;
    return u != null ? u : lower;
  }

  @Override
  public FileStat stat() {
    FileStat s = attributes().stat();
    return shown(s, s.size(), s.blocks());
  }

  final FileStat shown(FileStat s, long size, long blocks) {
    return new FileStat(
        fs.device(),
        ino,
        s.mode(),
        nlink,
        s.uid(),
        s.gid(),
        s.rdev(),
        size,
        s.blockSize(),
        blocks,
        s.atime(),
        s.mtime(),
        s.ctime(),
        btime != null ? btime : s.btime());
  }

  @Override
  public final int mode() {
    return attributes().mode();
  }

  @Override
  public final int uid() {
    return attributes().uid();
  }

  @Override
  public final int gid() {
    return attributes().gid();
  }

  /** Copies the attributes up, unless they are. ENOENT if the file is gone meanwhile, ENOSPC. */
  final void copyUp() {
    if (upper != null) {
      return;
    }
    Inode made = CopyUp.attributes(fs, lower);
    boolean taken =
        fs.call(
            () -> {
              if (upper != null || discarded) {
                return false;
              }
              setUpper(made);
              return true;
            });
    if (!taken) {
      fs.upper().removeDetached(made);
      if (upper == null) {
        throw Errno.ENOENT.exception();
      }
    }
  }

  @Override
  public void setAttributes(SetAttributes change) {
    if (change.size() != null) {
      throw Errno.EINVAL.exception();
    }
    changeAttributes(change);
  }

  /** All but the size. */
  final void changeAttributes(SetAttributes change) {
    copyUp();
    fs.run(() -> upper.setAttributes(change));
  }

  /** In the actor, on a copied-up file: attributes, names or link count have changed now. */
  final void changed() {
    if (upper != null) {
      upper.setAttributes(CHANGE_TIME);
    }
  }

  /**
   * Counts a use; ENOENT if the file went with its last name a moment ago. A removed directory
   * stays a working directory and can be opened: it holds nothing.
   */
  @Override
  public final void pin() {
    fs.run(
        () -> {
          if (discarded && !isDirectory()) {
            throw Errno.ENOENT.exception();
          }
          uses++;
        });
  }

  @Override
  public final void unpin() {
    fs.run(
        () -> {
          uses--;
        });
    fs.discardIfUnused(this);
  }

  /** In the actor: the upper inode, once, when neither names nor uses are left; else null. */
  final Inode takeUnused() {
    if (nlink > 0 || uses > 0 || discarded) {
      return null;
    }
    discarded = true;
    return upper;
  }

  /** In the actor: ENOENT if the file is gone for good. */
  final void checkNotDiscarded() {
    if (discarded) {
      throw Errno.ENOENT.exception();
    }
  }

  /** In the actor: it was made without a name. */
  final void markUnnamed() {
    nlink = 0;
    linkable = true;
  }

  /** In the actor: ENOENT if it has lost its last name. */
  final void checkLinkable() {
    if (discarded || nlink == 0 && !linkable) {
      throw Errno.ENOENT.exception();
    }
    linkable = false;
  }

  @Override
  public final byte[] getXattr(String name) {
    checkXattr(name);
    return attributes().getXattr(name);
  }

  @Override
  public final void setXattr(String name, byte[] value, int flags) {
    checkXattr(name);
    copyUp();
    fs.run(() -> upper.setXattr(name, value, flags));
  }

  @Override
  public final void removeXattr(String name) {
    checkXattr(name);
    copyUp();
    fs.run(() -> upper.removeXattr(name));
  }

  @Override
  public final List<String> listXattr() {
    return attributes().listXattr().stream().filter(n -> !n.startsWith(OWN_XATTRS)).toList();
  }

  private static void checkXattr(String name) {
    if (name.startsWith(OWN_XATTRS)) {
      throw Errno.EOPNOTSUPP.exception();
    }
  }

  static boolean isWhiteoutDevice(int mode, long rdev) {
    return (mode & FileMode.S_IFMT) == FileMode.S_IFCHR && rdev == 0;
  }
}
