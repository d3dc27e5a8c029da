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
import io.loomvisor.vfs.cache.PageStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One root directory of the gofer, read-only. */
public final class GoferFilesystem extends Filesystem {
  private record HostFile(long dev, long ino) {}

  private final GoferClient client;
  private final PageStore store;
  private final DeviceRegistry devices;
  private final OpenHostFiles openFiles = new OpenHostFiles();
  private final long rootDevice;
  private final GoferDirectory root;

  /** Files with several names, so that each is one inode. */
  private final Map<HostFile, GoferInode> linked = new ConcurrentHashMap<>();

  /** Small numbers for the host's devices: inode numbers are unique on one only. */
  private final Map<Long, Long> deviceNumbers = new ConcurrentHashMap<>();

  private GoferFilesystem(
      GoferClient client, PageStore store, DeviceRegistry devices, int rootFid, FileStat rootStat) {
    super(Rank.FILESYSTEM);
    this.client = client;
    this.store = store;
    this.devices = devices;
    this.rootDevice = rootStat.dev();
    this.root = new GoferDirectory(this, rootStat, rootFid);
  }

  /**
   * The file system over root directory number {@code root} of the gofer.
   *
   * @param devices what the device nodes in it stand for
   */
  public static GoferFilesystem attach(GoferClient client, int root, PageStore store, DeviceRegistry devices) {
    int fid = client.newFid();
    Reply.Attributes reply = client.ask(new Request.Attach(root, fid), Reply.Attributes.class);
    if (!FileMode.isDirectory(reply.stat().mode())) {
      throw Errno.EIO.exception();
    }
    return new GoferFilesystem(client, store, devices, fid, reply.stat());
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
    return client.ask(new Request.StatFileSystem(root.fid()), Reply.FileSystem.class).stat();
  }

  GoferClient client() {
    return client;
  }

  PageStore store() {
    return store;
  }

  DeviceRegistry devices() {
    return devices;
  }

  OpenHostFiles openFiles() {
    return openFiles;
  }

  /** The host's attributes as this file system shows them: one device, inode numbers made unique. */
  FileStat shown(FileStat s) {
    return new FileStat(
        device(), number(s.dev(), s.ino()), s.mode(), s.nlink(), s.uid(), s.gid(), s.rdev(), s.size(), s.blockSize(),
        s.blocks(), s.atime(), s.mtime(), s.ctime(), s.btime());
  }

  /** The inode number shown for {@code ino} of the host's device {@code dev}. */
  long number(long dev, long ino) {
    if (dev == rootDevice) {
      return ino;
    }
    long n = deviceNumbers.computeIfAbsent(dev, d -> deviceNumbers.size() + 1L);
    return ino ^ n << 48;
  }

  /** The inode of what a walk in {@code parent} found under {@code name}. */
  GoferInode inode(GoferDirectory parent, String name, FileStat stat, int fid, String target) {
    if (stat.nlink() <= 1 || FileMode.isDirectory(stat.mode())) {
      return make(parent, name, stat, fid, target);
    }
    HostFile key = new HostFile(stat.dev(), stat.ino());
    return linked.computeIfAbsent(key, k -> make(parent, name, stat, fid, target));
  }

  private GoferInode make(GoferDirectory parent, String name, FileStat stat, int fid, String target) {
    return switch (stat.mode() & FileMode.S_IFMT) {
      case FileMode.S_IFDIR -> new GoferDirectory(this, stat, fid);
      case FileMode.S_IFREG -> new GoferRegular(this, stat, parent, name);
      case FileMode.S_IFLNK -> new GoferSymlink(this, stat, target);
      default -> new GoferSpecial(this, stat);
    };
  }
}
