package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.synthetic.GeneratedFile;
import io.loomvisor.vfs.synthetic.Opener;

/** One {@link TaskFile} of one task. */
final class TaskTextFile extends GeneratedFile {
  private final TaskScope scope;
  private final TaskFile file;

  TaskTextFile(TaskScope scope, TaskFile file) {
    super(scope.filesystem(), scope.inode(TaskScope.FILE, file.ordinal()), file.permissions());
    this.scope = scope;
    this.file = file;
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
  protected void checkOpen(Caller caller, int flags) {
    if (file.inspects()) {
      scope.checkInspect(caller);
    }
  }

  @Override
  protected byte[] contents(Opener reader) {
    return file.contents(scope, reader);
  }
}
