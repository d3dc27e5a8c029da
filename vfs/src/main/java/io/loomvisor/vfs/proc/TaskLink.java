package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.synthetic.SyntheticInode;

/** exe, cwd and root of a task: links that lead to a place, not to a text. */
final class TaskLink extends SyntheticInode {
  /** Which place. */
  enum Place {
    EXE("exe"),
    CWD("cwd"),
    ROOT("root");

    final String fileName;

    Place(String fileName) {
      this.fileName = fileName;
    }
  }

  private static final int FIRST_INDEX = 2000;

  private final TaskScope scope;
  private final Place place;

  TaskLink(TaskScope scope, Place place) {
    super(
        scope.filesystem(),
        scope.inode(TaskScope.FILE, FIRST_INDEX + place.ordinal()),
        FileMode.S_IFLNK | 0777);
    this.scope = scope;
    this.place = place;
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
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    throw Errno.ELOOP.exception();
  }

  @Override
  public String readlink(Caller caller) {
    return scope
        .context()
        .nameOf(jump(caller), scope.context().processes().find(caller.threadId()));
  }

  @Override
  public VfsPath jump(Caller caller) {
    scope.checkInspect(caller);
    VfsPath target =
        switch (place) {
          case EXE -> scope.view().executable();
          case CWD -> scope.view().workingDirectory();
          case ROOT -> scope.view().root();
        };
    if (target == null) {
      throw Errno.ENOENT.exception();
    }
    return target;
  }
}
