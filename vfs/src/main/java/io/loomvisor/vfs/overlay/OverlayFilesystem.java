package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A tmpfs over a read-only file system. The actor owns all names, link counts and what is copied
 * up.
 *
 * <p>The lower file system must give one inode for all names of a file, unique inode numbers below
 * 2^47 or above 2^48, and must not change.
 */
public final class OverlayFilesystem extends Filesystem {
  /** statfs(2): OVERLAYFS_SUPER_MAGIC. */
  public static final long OVERLAYFS_SUPER_MAGIC = 0x794c7630;

  /** Inode numbers of files made here start after it. */
  private static final long FIRST_INO = 1L << 47;

  private final Filesystem lower;
  private final TmpFilesystem upper;
  private final DeviceRegistry devices;
  private final FileClock clock;
  private final Mount lowerMount;
  private final AtomicLong lastIno = new AtomicLong(FIRST_INO);

  /** Weak references to inodes that are no more; emptied in the actor. */
  private final ReferenceQueue<OverlayInode> remains = new ReferenceQueue<>();

  /** Owned by the actor. */
  private final LowerNodes nodes = new LowerNodes(remains);

  private final OverlayDirectory root;

  /**
   * @param upper takes what is written; nobody else may use it
   * @param devices what device nodes stand for, of both layers
   */
  public OverlayFilesystem(
      Filesystem lower, TmpFilesystem upper, DeviceRegistry devices, FileClock clock) {
    super(Rank.STACKED_FILESYSTEM);
    this.lower = lower;
    this.upper = upper;
    this.devices = devices;
    this.clock = clock;
    lowerMount = Mount.internal(lower);
    root = new OverlayDirectory(this, lower.root(), lower.root().stat(), null);
  }

  @Override
  public String type() {
    return "overlay";
  }

  @Override
  public Inode root() {
    return root;
  }

  /**
   * The upper layer's space, as on Linux; the lower one's if the upper has no limit of its own to
   * report.
   */
  @Override
  public FileSystemStat statfs() {
    FileSystemStat u = upper.statfs();
    FileSystemStat s = u.blocks() != 0 ? u : lower.statfs();
    return new FileSystemStat(
        OVERLAYFS_SUPER_MAGIC,
        s.blockSize(),
        s.blocks(),
        s.blocksFree(),
        s.blocksAvailable(),
        s.files(),
        s.filesFree(),
        device(),
        255,
        s.fragmentSize(),
        0);
  }

  /** Nobody sees what was written any more. */
  @Override
  public void end() {
    upper.end();
  }

  TmpFilesystem upper() {
    return upper;
  }

  DeviceRegistry devices() {
    return devices;
  }

  FileTime now() {
    return clock.now();
  }

  long nextIno() {
    return lastIno.incrementAndGet();
  }

  <R> R call(Supplier<R> message) {
    return ask(message);
  }

  void run(Runnable message) {
    ask(message);
  }

  /** A place outside the tree, to open lower files at for the overlay's own use. */
  VfsPath lowerPlace(Inode inode) {
    return new VfsPath(lowerMount, new Dentry(null, "", inode));
  }

  /** The node for what was found below; to be given to {@link #adopt}. */
  OverlayInode wrap(Inode found, OverlayDirectory parent) {
    FileStat s = found.stat();
    return switch (s.mode() & FileMode.S_IFMT) {
      case FileMode.S_IFDIR -> new OverlayDirectory(this, found, s, parent);
      case FileMode.S_IFREG -> new OverlayRegular(this, found, s, parent);
      case FileMode.S_IFLNK -> new OverlaySymlink(this, found, s, parent);
      default -> new OverlaySpecial(this, found, s, parent);
    };
  }

  /** In the actor: the node that stands for the same lower file already, or {@code fresh}. */
  OverlayInode adopt(OverlayInode fresh) {
    sweep();
    return nodes.adopt(fresh);
  }

  private void sweep() {
    for (Reference<? extends OverlayInode> r = remains.poll(); r != null; r = remains.poll()) {
      if (r instanceof Remains dead) {
        dead.remove();
      }
    }
  }

  /** Where weak references to inodes go when these are no more; they are {@link Remains}. */
  ReferenceQueue<OverlayInode> remains() {
    return remains;
  }

  /** In the actor: {@code inode} differs from the lower file from now on. */
  void keep(OverlayInode inode) {
    if (inode.lower() != null && inode.nlink() > 0) {
      nodes.keep(inode);
    }
  }

  /** In the actor: the file has no name any more. */
  void disown(OverlayInode inode) {
    if (inode.lower() != null) {
      nodes.remove(inode);
    }
  }

  /** Lower files that have a node here whatever their names; in the actor. */
  int knownNodes() {
    return nodes.size();
  }

  /** A new file in {@code parent}, not yet named. {@code target}: of a symbolic link. */
  OverlayInode make(
      OverlayDirectory parent, int mode, long rdev, String target, Credentials creator) {
    Ownership owner = Ownership.of(parent.mode(), parent.gid(), mode, creator);
    boolean symlink = FileMode.isSymlink(mode);
    Inode backing =
        symlink ? upper.createDetachedSymlink(owner, target) : upper.createDetached(owner, rdev);
    return switch (mode & FileMode.S_IFMT) {
      case FileMode.S_IFDIR -> new OverlayDirectory(this, backing, parent);
      case FileMode.S_IFREG -> new OverlayRegular(this, backing);
      case FileMode.S_IFLNK -> new OverlaySymlink(this, backing);
      default -> new OverlaySpecial(this, backing);
    };
  }

  /** Gives the upper inode back if the last name and the last use are gone. */
  void discardIfUnused(OverlayInode inode) {
    Inode backing = call(inode::takeUnused);
    if (backing != null) {
      upper.removeDetached(backing);
    }
  }
}
