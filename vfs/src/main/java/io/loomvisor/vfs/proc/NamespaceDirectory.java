package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.synthetic.SyntheticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticInode;

/**
 * /proc/PID/ns (namespaces(7)). The links name the initial namespaces, whose inode numbers are
 * constants of include/linux/proc_ns.h. Following one is EACCES: there is no setns(2) that could
 * use the file.
 */
final class NamespaceDirectory extends SyntheticDirectory {
  private static final int INDEX = 3002;
  private static final long INITIAL = 0xEFFF_FFF8L;

  /** Link and the type it names. */
  private static final String[][] LINKS = {
    {"cgroup", "cgroup", "3"},
    {"ipc", "ipc", "7"},
    {"mnt", "mnt", "0"},
    {"net", "net", "1"},
    {"pid", "pid", "4"},
    {"pid_for_children", "pid", "4"},
    {"time", "time", "2"},
    {"time_for_children", "time", "2"},
    {"user", "user", "5"},
    {"uts", "uts", "6"},
  };

  private final TaskScope scope;

  NamespaceDirectory(TaskScope scope) {
    super(scope.filesystem(), scope.inode(TaskScope.FILE, INDEX), 0511);
    this.scope = scope;
  }

  @Override
  public int uid() {
    return scope.owner(false).euid();
  }

  @Override
  public int gid() {
    return scope.owner(false).egid();
  }

  @Override
  public Inode lookup(String name) {
    for (int i = 0; i < LINKS.length; i++) {
      if (LINKS[i][0].equals(name)) {
        long number = INITIAL + Long.parseLong(LINKS[i][2]);
        return new Link(scope, i, LINKS[i][1] + ":[" + number + "]");
      }
    }
    return null;
  }

  @Override
  protected void list(long position, DirectorySink sink) {
    int type = FileMode.direntType(FileMode.S_IFLNK);
    for (int i = 0; i < LINKS.length; i++) {
      long at = FIRST_POSITION + i;
      if (at >= position && !sink.entry(LINKS[i][0], scope.inode(TaskScope.NS, i), type, at + 1)) {
        return;
      }
    }
  }

  private static final class Link extends SyntheticInode {
    private final TaskScope scope;
    private final String text;

    Link(TaskScope scope, int index, String text) {
      super(scope.filesystem(), scope.inode(TaskScope.NS, index), FileMode.S_IFLNK | 0777);
      this.scope = scope;
      this.text = text;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Caller caller) {
      throw Errno.ELOOP.exception();
    }

    @Override
    public String readlink(Caller caller) {
      scope.checkInspect(caller);
      return text;
    }

    @Override
    public VfsPath jump(Caller caller) {
      throw Errno.EACCES.exception();
    }
  }
}
