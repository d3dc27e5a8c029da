package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.TextBuffer;

/**
 * /proc/meminfo and /proc/vmstat. There is no swap and no slab; active and inactive are not told
 * apart.
 */
public final class MemInfoText {
  private static final int PAGE = 4096;

  private MemInfoText() {}

  static String meminfo(SystemView.MemoryTotals m) {
    TextBuffer out = new TextBuffer();
    row(out, "MemTotal", m.total());
    row(out, "MemFree", m.free());
    row(out, "MemAvailable", m.available());
    row(out, "Buffers", 0);
    row(out, "Cached", m.cached());
    row(out, "SwapCached", 0);
    row(out, "Active", m.anonymous() + m.cached() - m.shared());
    row(out, "Inactive", m.shared());
    row(out, "Active(anon)", m.anonymous());
    row(out, "Inactive(anon)", m.shared());
    row(out, "Active(file)", m.cached() - m.shared());
    row(out, "Inactive(file)", 0);
    row(out, "Unevictable", 0);
    row(out, "Mlocked", 0);
    row(out, "SwapTotal", 0);
    row(out, "SwapFree", 0);
    row(out, "Dirty", m.dirty());
    row(out, "Writeback", 0);
    row(out, "AnonPages", m.anonymous());
    row(out, "Mapped", m.mapped());
    row(out, "Shmem", m.shared());
    row(out, "KReclaimable", 0);
    row(out, "Slab", 0);
    row(out, "SReclaimable", 0);
    row(out, "SUnreclaim", 0);
    row(out, "KernelStack", 0);
    row(out, "PageTables", m.pageTables());
    row(out, "NFS_Unstable", 0);
    row(out, "Bounce", 0);
    row(out, "WritebackTmp", 0);
    row(out, "CommitLimit", m.total() / 2);
    row(out, "Committed_AS", m.anonymous() + m.shared());
    out.add("VmallocTotal:   34359738367 kB\n");
    row(out, "VmallocUsed", 0);
    row(out, "VmallocChunk", 0);
    row(out, "AnonHugePages", 0);
    row(out, "ShmemHugePages", 0);
    row(out, "ShmemPmdMapped", 0);
    out.add(
        "HugePages_Total:       0\n"
            + "HugePages_Free:        0\n"
            + "HugePages_Rsvd:        0\n"
            + "HugePages_Surp:        0\n");
    row(out, "Hugepagesize", 2 << 20);
    row(out, "Hugetlb", 0);
    return out.toString();
  }

  static String vmstat(SystemView.MemoryTotals m) {
    return new TextBuffer()
        .add("nr_free_pages ")
        .add(m.free() / PAGE)
        .add("\nnr_anon_pages ")
        .add(m.anonymous() / PAGE)
        .add("\nnr_mapped ")
        .add(m.mapped() / PAGE)
        .add("\nnr_file_pages ")
        .add(m.cached() / PAGE)
        .add("\nnr_dirty ")
        .add(m.dirty() / PAGE)
        .add("\nnr_shmem ")
        .add(m.shared() / PAGE)
        .add("\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\npgfault 0\npgmajfault 0\noom_kill 0\n")
        .toString();
  }

  /** /sys/devices/system/node/node0/meminfo. */
  public static String node(SystemView.MemoryTotals m) {
    TextBuffer out = new TextBuffer();
    nodeRow(out, "MemTotal", m.total());
    nodeRow(out, "MemFree", m.free());
    nodeRow(out, "MemUsed", m.total() - m.free());
    nodeRow(out, "FilePages", m.cached());
    nodeRow(out, "Mapped", m.mapped());
    nodeRow(out, "AnonPages", m.anonymous());
    nodeRow(out, "Shmem", m.shared());
    out.add(
        "Node 0 HugePages_Total:     0\n"
            + "Node 0 HugePages_Free:      0\n"
            + "Node 0 HugePages_Surp:      0\n");
    return out.toString();
  }

  private static void nodeRow(TextBuffer out, String name, long bytes) {
    out.add("Node 0 ").left(name + ":", 15).right(bytes >>> 10, 8).add(" kB\n");
  }

  private static void row(TextBuffer out, String name, long bytes) {
    out.left(name + ":", 16).right(bytes >>> 10, 8).add(" kB\n");
  }
}
