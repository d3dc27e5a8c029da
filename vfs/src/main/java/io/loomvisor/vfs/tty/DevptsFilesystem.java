package io.loomvisor.vfs.tty;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.vfs.AttributedInode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NameCaching;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.dev.Devices;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.synthetic.SyntheticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * devpts: "ptmx", which makes a pseudo-terminal when it is opened, and a node N for the slave of
 * each. Every instance has numbers of its own (Documentation/filesystems/devpts.rst).
 */
public final class DevptsFilesystem extends SyntheticFilesystem {
  private static final long MAGIC = 0x1cd1;

  /** kernel.pty.max. */
  private static final int MAX_PTYS = 4096;

  private static final int SLAVE_MAJOR = 136;
  private static final long PTMX_INO = 2;
  private static final int FIRST_SLAVE_INO = 3;
  private static final int BLOCK_SIZE = 1024;

  private final DevptsOptions options;
  private final JobControl jobs;
  private final TimerService timers;
  private final Node ptmx;

  /** Entered and removed in the actor, read by any thread. */
  private final ConcurrentSkipListMap<Integer, Slave> slaves = new ConcurrentSkipListMap<>();

  /**
   * Numbers in use: a slave that is still open keeps its number when its name has gone with the
   * master.
   */
  private final BitSet numbers = new BitSet();

  private final Root root;

  public DevptsFilesystem(DevptsOptions options, JobControl jobs, TimerService timers) {
    super(MAGIC);
    this.options = options;
    this.jobs = jobs;
    this.timers = timers;
    this.ptmx = new Ptmx(this);
    this.root = new Root(this);
  }

  /** The st_rdev of /dev/pts/{@code index}. */
  static long deviceNumber(int index) {
    return index & 0xffL | (long) SLAVE_MAJOR << 8 | (index & ~0xffL) << 12;
  }

  @Override
  public String type() {
    return "devpts";
  }

  @Override
  public Inode root() {
    return root;
  }

  public DevptsOptions options() {
    return options;
  }

  /**
   * A new pseudo-terminal, whose slave is locked, as open(2) of "ptmx" makes it. ENOSPC.
   *
   * @param node what was opened: "ptmx" here or a node of device 5:2 elsewhere
   */
  public PtyMaster openMaster(Inode node, VfsPath path, int flags, Caller caller) {
    Terminal terminal = add(caller.credentials(), true);
    return new PtyMaster(this, terminal, node, path, flags);
  }

  /**
   * A pseudo-terminal for the sentry's own use, unlocked; its master is not in any descriptor
   * table.
   */
  public PtyMaster openOwn(int flags, Credentials owner) {
    return new PtyMaster(this, add(owner, false), ptmx, null, flags);
  }

  private Terminal add(Credentials owner, boolean locked) {
    return ask(
        () -> {
          int index = numbers.nextClearBit(0);
          if (index >= options.max()) {
            throw Errno.ENOSPC.exception();
          }
          numbers.set(index);
          Terminal terminal = new Terminal(jobs, timers, index, locked, () -> free(index));
          slaves.put(index, new Slave(this, terminal, owner));
          return terminal;
        });
  }

  private void free(int index) {
    ask(() -> numbers.clear(index));
  }

  /** The master has gone: so has the name. */
  void remove(int index) {
    ask(() -> slaves.remove(index));
    rootDentry().drop(Integer.toString(index));
  }

  /**
   * Opens a slave by its number.
   *
   * @param master where the master was found, in whose mount the slave is looked for; null for none
   */
  FileDescription openSlave(int index, VfsPath master, int flags, Caller caller) {
    Slave slave = slaves.get(index);
    if (slave == null) {
      throw Errno.EIO.exception();
    }
    boolean here = master != null && master.mount().filesystem() == this;
    VfsPath path =
        here
            ? new VfsPath(master.mount(), new Dentry(rootDentry(), Integer.toString(index), slave))
            : null;
    return slave.open(path, flags, caller);
  }

  /** Where the slave is if nobody has mounted this instance. */
  VfsPath internalPlace(int index, Inode slave) {
    return new VfsPath(
        Mount.internal(this), new Dentry(rootDentry(), Integer.toString(index), slave));
  }

  private static int parse(String name) {
    int value = 0;
    if (name.length() > 4 || name.length() > 1 && name.charAt(0) == '0') {
      return -1;
    }
    for (int i = 0; i < name.length(); i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** Options of the mount beyond max are bounded by the kernel's own limit. */
  static int boundedMax(int wanted) {
    return Math.min(wanted, MAX_PTYS);
  }

  private static final class Root extends SyntheticDirectory {
    private final DevptsFilesystem fs;

    Root(DevptsFilesystem fs) {
      super(fs, 1, 0755);
      this.fs = fs;
    }

    @Override
    public NameCaching nameCaching() {
      return NameCaching.NONE;
    }

    @Override
    public Inode lookup(String name) {
      return name.equals("ptmx") ? fs.ptmx : fs.slaves.get(parse(name));
    }

    @Override
    protected void list(long position, DirectorySink sink) {
      int type = FileMode.direntType(FileMode.S_IFCHR);
      long at = FIRST_POSITION;
      if (at >= position && !sink.entry("ptmx", PTMX_INO, type, at + 1)) {
        return;
      }
      for (Map.Entry<Integer, Slave> e : fs.slaves.entrySet()) {
        at = FIRST_POSITION + 1 + e.getKey();
        if (at >= position
            && !sink.entry(e.getKey().toString(), e.getValue().ino(), type, at + 1)) {
          return;
        }
      }
    }
  }

  /** A device node. */
  private abstract static class Node extends AttributedInode {
    final DevptsFilesystem fs;
    private final long rdev;

    Node(DevptsFilesystem fs, long ino, long rdev, int permissions, int uid, int gid) {
      super(fs, ino, FileMode.S_IFCHR | permissions, uid, gid, BLOCK_SIZE, FileClock.SYSTEM);
      this.fs = fs;
      this.rdev = rdev;
    }

    @Override
    protected long rdev() {
      return rdev;
    }
  }

  private static final class Ptmx extends Node {
    Ptmx(DevptsFilesystem fs) {
      super(fs, PTMX_INO, Devices.PTMX, fs.options.ptmxMode(), 0, 0);
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Caller caller) {
      return fs.openMaster(this, path, flags, caller);
    }
  }

  private static final class Slave extends Node {
    private final Terminal terminal;

    Slave(DevptsFilesystem fs, Terminal terminal, Credentials owner) {
      super(
          fs,
          FIRST_SLAVE_INO + terminal.index(),
          deviceNumber(terminal.index()),
          fs.options.mode(),
          fs.options.uid() < 0 ? owner.fsuid() : fs.options.uid(),
          fs.options.gid() < 0 ? owner.fsgid() : fs.options.gid());
      this.terminal = terminal;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Caller caller) {
      return TtyDescription.open(terminal, this, path, flags, caller);
    }
  }
}
