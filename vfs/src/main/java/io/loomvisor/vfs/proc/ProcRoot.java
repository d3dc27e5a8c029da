package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NameCaching;
import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticDirectory;

/**
 * The root: the files of the system, then a directory per process. Threads can be looked up but are
 * not listed.
 */
final class ProcRoot extends SyntheticDirectory {
  /** Positions of processes start here, beyond those of the fixed entries. */
  private static final long PROCESSES = 0x1000;

  private final ProcFilesystem filesystem;
  private final ProcContext context;
  private final StaticDirectory fixed;

  ProcRoot(ProcFilesystem filesystem, ProcContext context, StaticDirectory fixed) {
    super(filesystem, filesystem.newInodeNumber(), 0555);
    this.filesystem = filesystem;
    this.context = context;
    this.fixed = fixed;
  }

  @Override
  protected long links() {
    return fixed.stat().nlink() + context.processes().processes().length;
  }

  @Override
  public NameCaching nameCaching() {
    return NameCaching.NONE;
  }

  @Override
  public Inode lookup(String name) {
    int pid = Decimal.parse(name);
    if (pid < 0) {
      return fixed.lookup(name);
    }
    ProcessView view = pid == 0 ? null : context.processes().find(pid);
    return view == null ? null : new TaskDirectory(scope(pid, view));
  }

  @Override
  protected void list(long position, DirectorySink sink) {
    boolean[] full = new boolean[1];
    if (position < PROCESSES) {
      fixed.list(
          position,
          (name, ino, type, next) -> {
            full[0] = !sink.entry(name, ino, type, next);
            return !full[0];
          });
    }
    int type = FileMode.direntType(FileMode.S_IFDIR);
    int[] pids = full[0] ? new int[0] : context.processes().processes();
    for (int pid : pids) {
      long at = PROCESSES + pid;
      long ino = TaskDirectory.inode(scope(pid, null));
      if (at >= position && !sink.entry(Integer.toString(pid), ino, type, at + 1)) {
        return;
      }
    }
  }

  private TaskScope scope(int pid, ProcessView view) {
    return new TaskScope(filesystem, context, view, pid, false);
  }
}
