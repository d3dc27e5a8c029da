package io.loomvisor.vfs.sys;

import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.proc.SystemView;
import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;

/**
 * sysfs. There are no devices behind it but CPUs, memory and network interfaces; fs/cgroup is an
 * empty directory to mount {@link CgroupFilesystem} on. The tree is built once, so interfaces that
 * come later are not shown.
 */
public final class SysFilesystem extends SyntheticFilesystem {
  private static final long SYSFS_MAGIC = 0x62656572;

  private final StaticDirectory root;

  public SysFilesystem(SystemView system, NetworkView network) {
    super(SYSFS_MAGIC);
    root = new StaticDirectory(this);
    root.directory("block");
    root.directory("bus");
    root.directory("dev").directory("block");
    root.directory("dev").directory("char");
    root.directory("devices").directory("virtual");
    root.directory("firmware");
    root.directory("fs").directory("cgroup");
    root.directory("module");
    root.directory("power");
    new CpuTree(this, system).fill(root.directory("devices").directory("system"));
    NetTree.fill(this, root, network);
    kernel();
  }

  private void kernel() {
    StaticDirectory kernel = root.directory("kernel");
    kernel.directory("debug");
    kernel.directory("security");
    kernel.directory("tracing");
    StaticDirectory mm = kernel.directory("mm");
    StaticDirectory huge = mm.directory("transparent_hugepage");
    attribute(huge, "enabled", "always [madvise] never");
    attribute(huge, "defrag", "always defer defer+madvise [madvise] never");
    attribute(huge, "shmem_enabled", "always within_size advise [never] deny force");
    attribute(huge, "hpage_pmd_size", "2097152");
    attribute(huge, "use_zero_page", "1");
    StaticDirectory pool = mm.directory("hugepages").directory("hugepages-2048kB");
    attribute(pool, "nr_hugepages", "0");
    attribute(pool, "free_hugepages", "0");
    attribute(pool, "resv_hugepages", "0");
    attribute(pool, "surplus_hugepages", "0");
    attribute(pool, "nr_overcommit_hugepages", "0");
  }

  private void attribute(StaticDirectory directory, String name, String value) {
    directory.add(name, new Attribute(this, () -> value));
  }

  @Override
  public String type() {
    return "sysfs";
  }

  @Override
  public Inode root() {
    return root;
  }
}
