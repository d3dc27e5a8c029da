package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import io.loomvisor.vfs.synthetic.SyntheticInode;

/** proc(5) over the views that the kernel gives. Immutable after construction. */
public final class ProcFilesystem extends SyntheticFilesystem {
  private static final long PROC_SUPER_MAGIC = 0x9FA0;

  private final ProcRoot root;
  private final StaticDirectory net;

  /**
   * @param sysctls what /proc/sys shows; read once, here
   * @param tree names the files that processes have open
   */
  public ProcFilesystem(
      ProcessTable processes,
      SystemView system,
      NetworkView network,
      SysctlTable sysctls,
      FileTree tree) {
    super(PROC_SUPER_MAGIC);
    ProcContext context = new ProcContext(processes, system, network, tree);
    net = NetText.directory(this, network);
    StaticDirectory fixed = SystemFiles.directory(this, context);
    fixed.add("sys", SysctlFile.tree(this, sysctls));
    root = new ProcRoot(this, context, fixed);
  }

  @Override
  public String type() {
    return "proc";
  }

  @Override
  public Inode root() {
    return root;
  }

  /** The directory that every task has as net/: there is one network. */
  SyntheticInode net() {
    return net;
  }
}
