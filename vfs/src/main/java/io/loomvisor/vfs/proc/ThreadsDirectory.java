package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NameCaching;
import io.loomvisor.vfs.synthetic.SyntheticDirectory;

/** /proc/PID/task: one directory per thread. */
final class ThreadsDirectory extends SyntheticDirectory {
  private static final int INDEX = 3004;

  private final TaskScope group;

  ThreadsDirectory(TaskScope group) {
    super(group.filesystem(), group.inode(TaskScope.FILE, INDEX), 0555);
    this.group = group;
  }

  @Override
  public int uid() {
    return group.owner(true).euid();
  }

  @Override
  public int gid() {
    return group.owner(true).egid();
  }

  @Override
  protected long links() {
    return 2L + group.context().processes().threads(tgid()).length;
  }

  @Override
  public NameCaching nameCaching() {
    return NameCaching.NONE;
  }

  @Override
  public Inode lookup(String name) {
    int tid = Decimal.parse(name);
    ProcessView view = tid <= 0 ? null : group.context().processes().find(tid);
    if (view == null) {
      return null;
    }
    TaskScope scope = scope(tid, view);
    return scope.alive() && view.status().identity().tgid() == tgid()
        ? new TaskDirectory(scope)
        : null;
  }

  @Override
  protected void list(long position, DirectorySink sink) {
    int type = FileMode.direntType(FileMode.S_IFDIR);
    for (int tid : group.context().processes().threads(tgid())) {
      long at = FIRST_POSITION + tid;
      long ino = TaskDirectory.inode(scope(tid, null));
      if (at >= position && !sink.entry(Integer.toString(tid), ino, type, at + 1)) {
        return;
      }
    }
  }

  /** 0, which no process has, once it has gone. */
  private int tgid() {
    return group.alive() ? group.view().status().identity().tgid() : 0;
  }

  private TaskScope scope(int tid, ProcessView view) {
    return new TaskScope(group.filesystem(), group.context(), view, tid, true);
  }
}
