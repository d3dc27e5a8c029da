package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.KernelMemory;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.mount.Mount;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** One tmpfs instance. */
public final class TmpFilesystem extends Filesystem {
  /** statfs(2): TMPFS_MAGIC. */
  public static final long TMPFS_MAGIC = 0x01021994;

  /**
   * Mount options (tmpfs(5)).
   *
   * @param maxPages size= in pages
   * @param maxInodes nr_inodes=
   * @param rootMode mode= of the root directory
   */
  public record Options(long maxPages, long maxInodes, int rootMode, int rootUid, int rootGid) {
    public static final Options DEFAULT = new Options(1L << 32, 1L << 24, 01777, 0, 0);

    public Options withRootMode(int mode) {
      return new Options(maxPages, maxInodes, mode, rootUid, rootGid);
    }
  }

  private final PageStore store;
  private final DeviceRegistry devices;
  private final FileClock clock;
  private final PageBudget budget;
  private final long maxInodes;
  private final AtomicLong inodes = new AtomicLong();
  private final KernelMemory memory = KernelMemory.unreserved().part();
  private final AtomicLong lastIno = new AtomicLong();
  private final TmpDirectory root;

  public TmpFilesystem(PageStore store, DeviceRegistry devices, FileClock clock, Options options) {
    super(Rank.FILESYSTEM);
    this.store = store;
    this.devices = devices;
    this.clock = clock;
    this.budget = new PageBudget(options.maxPages);
    this.maxInodes = options.maxInodes;
    int mode = FileMode.S_IFDIR | options.rootMode & FileMode.PERMISSIONS;
    chargeInode();
    root = new TmpDirectory(this, new Ownership(options.rootUid, options.rootGid, mode), null);
  }

  @Override
  public String type() {
    return "tmpfs";
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public FileSystemStat statfs() {
    boolean bounded = budget.limit() < Options.DEFAULT.maxPages;
    long blocks = bounded ? budget.limit() : 0;
    long free = bounded ? budget.limit() - budget.used() : 0;
    long freeInodes = Math.max(0, maxInodes - inodes.get());
    return new FileSystemStat(
        TMPFS_MAGIC,
        PageStore.PAGE_SIZE,
        blocks,
        free,
        free,
        maxInodes,
        freeInodes,
        device(),
        255,
        PageStore.PAGE_SIZE,
        0);
  }

  /**
   * memfd_create(2): an open file of this file system without a name.
   *
   * @param seals the initial seals: 0 if sealing is allowed, F_SEAL_SEAL if not
   * @param flags O_RDWR and status flags
   */
  public FileDescription createMemfd(
      String name, int mode, int uid, int gid, int seals, int flags) {
    TmpRegular made =
        call(
            () -> {
              chargeInode();
              Ownership owner =
                  new Ownership(uid, gid, FileMode.S_IFREG | mode & FileMode.PERMISSIONS);
              TmpRegular inode = new TmpRegular(this, owner, seals);
              inode.addLinks(-1);
              return inode;
            });
    return new RegularDescription(made, null, flags, name);
  }

  /**
   * A file of the type in {@code owner}'s mode that has no name here, for a stacked file system
   * that keeps the names itself. It stays until {@link #removeDetached}. Not for symbolic links.
   * ENOSPC.
   */
  public Inode createDetached(Ownership owner, long rdev) {
    return detached(
        () ->
            switch (owner.mode() & FileMode.S_IFMT) {
              case FileMode.S_IFREG -> new TmpRegular(this, owner, Sealable.F_SEAL_SEAL);
              case FileMode.S_IFDIR -> new TmpDirectory(this, owner, null);
              default -> new TmpSpecial(this, owner, rdev);
            });
  }

  /** As {@link #createDetached} for a symbolic link. */
  public Inode createDetachedSymlink(Ownership owner, String target) {
    return detached(() -> newSymlink(owner, target));
  }

  /** In the actor; the inode is charged already, and is not if this fails. */
  TmpInode newSymlink(Ownership owner, String target) {
    try {
      memory.take(target.length(), Errno.ENOSPC);
    } catch (LinuxException e) {
      dischargeInode();
      throw e;
    }
    return new TmpSymlink(this, owner, target);
  }

  private Inode detached(Supplier<TmpInode> make) {
    return call(
        () -> {
          chargeInode();
          return make.get();
        });
  }

  /** Gives up what {@link #createDetached} made: it goes with its last use. */
  public void removeDetached(Inode inode) {
    if (!(inode instanceof TmpInode gone) || gone.fs() != this) {
      throw new IllegalArgumentException("not of this file system");
    }
    run(() -> gone.addLinks(-gone.nlink()));
    discardIfUnused(gone);
  }

  /** All files lose their names, and those that nobody uses their pages. */
  @Override
  public void end() {
    List<TmpInode> gone = call(root::empty);
    gone.forEach(this::discardIfUnused);
    memory.giveAll();
  }

  /** What its files take of the heap. */
  public KernelMemory memory() {
    return memory;
  }

  /** Where /proc/PID/fd/N of a memory file leads. */
  VfsPath memfdPlace(TmpRegular inode, String name) {
    Dentry dentry = new Dentry(null, "memfd:" + name, inode);
    dentry.markUnnamed();
    return new VfsPath(Mount.internal(this), dentry);
  }

  PageStore store() {
    return store;
  }

  PageBudget budget() {
    return budget;
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

  /** Counts one inode more; ENOSPC. */
  void chargeInode() {
    memory.take(KernelMemory.INODE, Errno.ENOSPC);
    if (inodes.incrementAndGet() > maxInodes) {
      dischargeInode();
      throw Errno.ENOSPC.exception();
    }
  }

  /** Undoes {@link #chargeInode}. */
  void dischargeInode() {
    inodes.decrementAndGet();
    memory.give(KernelMemory.INODE);
  }

  <R> R call(Supplier<R> message) {
    return ask(message);
  }

  void run(Runnable message) {
    ask(message);
  }

  /** Frees the file if its last name and its last use are gone. */
  void discardIfUnused(TmpInode inode) {
    boolean unused = call(inode::becomesUnused);
    if (unused) {
      dischargeInode();
      memory.give(inode.extraMemory());
      inode.discard();
    }
  }
}
