package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.cache.PageCache;
import java.lang.ref.ReferenceQueue;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** One root directory of the gofer. */
public final class GoferFilesystem extends Filesystem {
  private final GoferClient client;
  private final PageCache cache;
  private final DeviceRegistry devices;
  private final boolean readOnly;
  private final FileAccess access;
  private final OpenHostFiles openFiles = new OpenHostFiles();
  private final DirectoryFids fids;
  private final long rootDevice;
  private final GoferDirectory root;

  private final KnownInodes inodes = new KnownInodes();

  private final Forecast forecast = new Forecast();
  private final KnownNamesLimit knownNames = new KnownNamesLimit();

  /** Counts changes of names anywhere; written in the actor. */
  private volatile int changes;

  /** Small numbers for the host's devices: inode numbers are unique on one only. */
  private final Map<Long, Long> deviceNumbers = new ConcurrentHashMap<>();

  private final AtomicLong lastDeviceNumber = new AtomicLong();

  /** Numbers questions about attributes; see {@link GoferInode#heard}. */
  private final AtomicLong questions = new AtomicLong();

  private GoferFilesystem(
      GoferClient client,
      PageCache cache,
      DeviceRegistry devices,
      boolean readOnly,
      FileAccess access,
      int rootFid,
      FileStat rootStat) {
    super(Rank.FILESYSTEM);
    this.client = client;
    this.cache = cache;
    this.devices = devices;
    this.readOnly = readOnly;
    this.access = access;
    this.fids = new DirectoryFids(client);
    this.rootDevice = rootStat.dev();
    this.root = new GoferDirectory(this, rootStat, rootFid);
    inodes.put(root);
  }

  /**
   * The file system over root directory number {@code root} of the gofer.
   *
   * @param cache may be shared with other file systems
   * @param devices what the device nodes in it stand for
   * @param readOnly every change fails with EROFS
   */
  public static GoferFilesystem attach(
      GoferClient client,
      int root,
      PageCache cache,
      DeviceRegistry devices,
      boolean readOnly,
      FileAccess access) {
    int fid = client.newFid();
    Reply.Attributes reply = client.ask(new Request.Attach(root, fid), Reply.Attributes.class);
    if (!FileMode.isDirectory(reply.stat().mode())) {
      throw Errno.EIO.exception();
    }
    return new GoferFilesystem(client, cache, devices, readOnly, access, fid, reply.stat());
  }

  @Override
  public String type() {
    return "9p";
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public FileSystemStat statfs() {
    return root.with(
        fid -> client.ask(new Request.StatFileSystem(fid), Reply.FileSystem.class).stat());
  }

  @Override
  public void sync() {
    cache.writeBack();
  }

  @Override
  public void end() {
    openFiles.closeAll();
  }

  GoferClient client() {
    return client;
  }

  PageCache cache() {
    return cache;
  }

  DeviceRegistry devices() {
    return devices;
  }

  OpenHostFiles openFiles() {
    return openFiles;
  }

  DirectoryFids fids() {
    return fids;
  }

  /** Its methods that change it are for the actor. */
  Forecast forecast() {
    return forecast;
  }

  /** For the actor. */
  KnownNamesLimit knownNames() {
    return knownNames;
  }

  <R> R call(Supplier<R> message) {
    return ask(message);
  }

  void run(Runnable message) {
    ask(message);
  }

  boolean readOnly() {
    return readOnly;
  }

  boolean shared() {
    return access == FileAccess.SHARED;
  }

  /** The number of a question that is about to be asked. */
  long question() {
    return access == FileAccess.SHARED ? questions.incrementAndGet() : 0;
  }

  /**
   * Changes of names. That inodes are no more counts too where they can have changed: what was
   * asked before may be older than what they last knew.
   */
  int changes() {
    return readOnly ? changes : changes + inodes.collections();
  }

  /** {@link #changes} of anything but names. */
  int collections() {
    return readOnly ? 0 : inodes.collections();
  }

  /** Where weak references to inodes go when these are no more. */
  ReferenceQueue<GoferInode> remains() {
    return inodes.dead();
  }

  /** Inodes that are known; in the actor. */
  int knownInodes() {
    return inodes.size();
  }

  /** In the actor. */
  void countChange() {
    changes++;
  }

  void checkWritable() {
    if (readOnly) {
      throw Errno.EROFS.exception();
    }
  }

  /** The inode number shown for {@code ino} of the host's device {@code dev}. */
  long number(long dev, long ino) {
    if (dev == rootDevice) {
      return ino;
    }
    long n = deviceNumbers.computeIfAbsent(dev, d -> lastDeviceNumber.incrementAndGet());
    return ino ^ n << 48;
  }

  // What follows runs in the actor.

  /**
   * The inode of what the gofer says is a file like {@code stat}: the known one, if it can be the
   * same file.
   *
   * @param fid bound to it if it is a directory
   * @param target where it leads if it is a symbolic link; else null
   */
  GoferInode inode(FileStat stat, int fid, String target) {
    GoferInode known = inodes.get(stat, target);
    if (known != null) {
      return known;
    }
    boolean changedUnseen = !readOnly && inodes.lost(stat);
    GoferInode made = newInode(stat, fid, target);
    if (changedUnseen) {
      made.touched();
    }
    return made;
  }

  /**
   * The inode of a file that has just been made; takes the place of any that had its number before.
   */
  GoferInode newInode(FileStat stat, int fid, String target) {
    GoferInode made =
        switch (stat.mode() & FileMode.S_IFMT) {
          case FileMode.S_IFDIR -> new GoferDirectory(this, stat, fid);
          case FileMode.S_IFREG -> new GoferRegular(this, stat);
          case FileMode.S_IFLNK -> new GoferSymlink(this, stat, target);
          default -> new GoferSpecial(this, stat);
        };
    inodes.put(made);
    return made;
  }

  /** The file is gone from the host. */
  void forget(GoferInode inode) {
    inodes.remove(inode);
  }
}
