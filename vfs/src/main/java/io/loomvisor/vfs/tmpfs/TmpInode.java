package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.KernelMemory;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.mount.Mount;
import java.util.List;

/** What all files of a tmpfs have: attributes, link count, extended attributes. */
abstract class TmpInode extends Inode {
  private static final long DAY = 24 * 60 * 60;

  private final TmpFilesystem fs;
  private final long ino;
  private final FileTime btime;

  /** Changed in the file system's actor; volatile for stat and permission checks. */
  private volatile int mode;

  private volatile int uid;
  private volatile int gid;
  private volatile int nlink = 1;

  /** Also set by who reads and writes the data; each is replaced as a whole. */
  private volatile FileTime atime;

  private volatile FileTime mtime;
  private volatile FileTime ctime;

  /** Open descriptions and pins; owned by the file system's actor, as the next ones. */
  private int uses;

  private boolean discarded;

  /** Created by O_TMPFILE: may get a first name though it has none. */
  private boolean linkable;

  private Xattrs xattrs;

  TmpInode(TmpFilesystem fs, Ownership owner) {
    super(fs);
    this.fs = fs;
    this.ino = fs.nextIno();
    this.mode = owner.mode();
    this.uid = owner.uid();
    this.gid = owner.gid();
    FileTime now = fs.now();
    btime = now;
    atime = now;
    mtime = now;
    ctime = now;
  }

  final TmpFilesystem fs() {
    return fs;
  }

  final long ino() {
    return ino;
  }

  @Override
  public final int mode() {
    return mode;
  }

  @Override
  public final int uid() {
    return uid;
  }

  @Override
  public final int gid() {
    return gid;
  }

  final int nlink() {
    return nlink;
  }

  /** In the file system's actor. */
  final void addLinks(int delta) {
    nlink += delta;
  }

  /** In the file system's actor: a name more; ENOENT if the last one has gone, ENOSPC. */
  final void takeLink() {
    boolean first = nlink == 0;
    if (first && !linkable) {
      throw Errno.ENOENT.exception();
    }
    if (!first) {
      fs.memory().take(KernelMemory.NAME, Errno.ENOSPC);
    }
    linkable = false;
    nlink++;
  }

  /** In the file system's actor: a name less, of a file that is no directory. */
  final void dropLink() {
    nlink--;
    if (nlink > 0) {
      fs.memory().give(KernelMemory.NAME);
    }
  }

  /** In the file system's actor: what it takes of the heap beyond other inodes. */
  long extraMemory() {
    return xattrs == null ? 0 : xattrs.used();
  }

  final void markLinkable() {
    linkable = true;
  }

  final boolean isDirectory() {
    return FileMode.isDirectory(mode);
  }

  /** st_size. */
  abstract long sizeOf();

  /** st_blocks / 8. */
  long pageCount() {
    return 0;
  }

  long rdev() {
    return 0;
  }

  /** Frees the contents: no name and no use is left. Called once, with no actor held. */
  void discard() {}

  @Override
  public final FileStat stat() {
    return new FileStat(
        fs.device(),
        ino,
        mode,
        nlink,
        uid,
        gid,
        rdev(),
        sizeOf(),
        PageStore.PAGE_SIZE,
        pageCount() * (PageStore.PAGE_SIZE / 512),
        atime,
        mtime,
        ctime,
        btime);
  }

  @Override
  public void setAttributes(SetAttributes change) {
    if (change.size() != null) {
      throw Errno.EINVAL.exception();
    }
    apply(change);
  }

  /** Everything but the size. */
  final void apply(SetAttributes change) {
    fs.run(
        () -> {
          if (change.mode() != null) {
            mode = mode & FileMode.S_IFMT | change.mode() & FileMode.PERMISSIONS;
          }
          if (change.uid() != null) {
            uid = change.uid();
          }
          if (change.gid() != null) {
            gid = change.gid();
          }
          if (change.atime() != null) {
            atime = change.atime();
          }
          if (change.mtime() != null) {
            mtime = change.mtime();
          }
          ctime = fs.now();
        });
  }

  /** The data or the entries have changed now. */
  final void modified() {
    FileTime now = fs.now();
    mtime = now;
    ctime = now;
  }

  /** The attributes, the name or the link count have changed now. */
  final void changed() {
    ctime = fs.now();
  }

  /**
   * Read through {@code mount} (null: none): sets atime as relatime has it (mount(2), MS_RELATIME).
   */
  final void accessed(Mount mount, int openFlags) {
    if ((openFlags & OpenFlags.O_NOATIME) != 0) {
      return;
    }
    boolean strict = false;
    if (mount != null) {
      if (mount.has(Mount.MS_NOATIME)
          || mount.readOnly()
          || isDirectory() && mount.has(Mount.MS_NODIRATIME)) {
        return;
      }
      strict = mount.has(Mount.MS_STRICTATIME);
    }
    FileTime a = atime;
    FileTime now = fs.now();
    if (strict || notAfter(a, mtime) || notAfter(a, ctime) || now.seconds() - a.seconds() >= DAY) {
      atime = now;
    }
  }

  private static boolean notAfter(FileTime a, FileTime b) {
    return a.seconds() < b.seconds() || a.seconds() == b.seconds() && a.nanos() <= b.nanos();
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

  /** In the file system's actor: true, once, when nothing refers to the file any more. */
  final boolean becomesUnused() {
    if (nlink == 0 && uses == 0 && !discarded) {
      discarded = true;
      return true;
    }
    return false;
  }

  @Override
  public final byte[] getXattr(String name) {
    Xattrs.checkName(name);
    return fs.call(() -> attributes().get(name));
  }

  @Override
  public final void setXattr(String name, byte[] value, int flags) {
    Xattrs.checkName(name);
    fs.run(
        () -> {
          attributes().set(name, value, flags);
          changed();
        });
  }

  @Override
  public final void removeXattr(String name) {
    Xattrs.checkName(name);
    fs.run(
        () -> {
          attributes().remove(name);
          changed();
        });
  }

  @Override
  public final List<String> listXattr() {
    return fs.call(() -> xattrs == null ? List.of() : xattrs.names());
  }

  private Xattrs attributes() {
    if (xattrs == null) {
      xattrs = new Xattrs(fs.memory());
    }
    return xattrs;
  }
}
