package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.synthetic.TextBuffer;
import java.util.List;

/** /proc/PID/maps, smaps and smaps_rollup. */
final class MapsText {
  /** Where the name of a mapping begins in its line. */
  private static final int NAME_COLUMN = 73;

  private MapsText() {}

  static String maps(TaskScope scope) {
    TextBuffer out = new TextBuffer();
    for (MemoryMapping m : scope.view().mappings()) {
      line(out, scope, m);
    }
    return out.toString();
  }

  static String smaps(TaskScope scope) {
    TextBuffer out = new TextBuffer();
    for (MemoryMapping m : scope.view().mappings()) {
      line(out, scope, m);
      size(out, "Size", m.size());
      size(out, "KernelPageSize", 4096);
      size(out, "MMUPageSize", 4096);
      use(out, m.use(), m.file() == null && !m.shared(), false);
      out.add("THPeligible:           0\nVmFlags: ").add(flags(m)).newline();
    }
    return out.toString();
  }

  static String rollup(TaskScope scope) {
    List<MemoryMapping> all = scope.view().mappings();
    if (all.isEmpty()) {
      return "";
    }
    TextBuffer out = new TextBuffer();
    out.hex(all.getFirst().start(), 8).add('-').hex(all.getLast().end(), 8);
    out.add(" ---p 00000000 00:00 0 ");
    out.left("", NAME_COLUMN - out.length()).add("[rollup]\n");
    long resident = 0;
    long anonymous = 0;
    long dirty = 0;
    long shared = 0;
    long huge = 0;
    long locked = 0;
    for (MemoryMapping m : all) {
      resident += m.use().resident();
      anonymous += m.use().anonymous();
      dirty += m.use().dirty();
      shared += m.use().shared();
      huge += m.use().huge();
      locked += m.use().locked();
    }
    use(out, new MemoryMapping.Use(resident, anonymous, dirty, shared, huge, locked), false, true);
    return out.toString();
  }

  /** The page tables do not count mappers of a frame: a shared page is taken to be mapped twice. */
  private static long proportional(MemoryMapping.Use u) {
    return u.resident() - u.shared() / 2;
  }

  private static void use(TextBuffer out, MemoryMapping.Use u, boolean anonymous, boolean rollup) {
    long sharedDirty = anonymous ? Math.min(u.shared(), u.dirty()) : 0;
    long privateDirty = Math.min(u.dirty() - sharedDirty, u.resident() - u.shared());
    size(out, "Rss", u.resident());
    size(out, "Pss", proportional(u));
    size(out, "Pss_Dirty", privateDirty + sharedDirty / 2);
    if (rollup) {
      size(out, "Pss_Anon", u.anonymous());
      size(out, "Pss_File", Math.max(0, proportional(u) - u.anonymous()));
      size(out, "Pss_Shmem", 0);
    }
    size(out, "Shared_Clean", u.shared() - sharedDirty);
    size(out, "Shared_Dirty", sharedDirty);
    size(out, "Private_Clean", u.resident() - u.shared() - privateDirty);
    size(out, "Private_Dirty", privateDirty);
    size(out, "Referenced", u.resident());
    size(out, "Anonymous", u.anonymous());
    size(out, "KSM", 0);
    size(out, "LazyFree", 0);
    size(out, "AnonHugePages", u.huge());
    for (String none :
        new String[] {
          "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss"
        }) {
      size(out, none, 0);
    }
    size(out, "Locked", u.locked());
  }

  private static String flags(MemoryMapping m) {
    int p = m.protection();
    return ((p & MemoryMapping.PROT_READ) != 0 ? "rd " : "")
        + ((p & MemoryMapping.PROT_WRITE) != 0 ? "wr " : "")
        + ((p & MemoryMapping.PROT_EXEC) != 0 ? "ex " : "")
        + (m.shared() ? "sh " : "")
        + "mr mw me "
        + (m.shared() ? "ms " : "");
  }

  private static void size(TextBuffer out, String name, long bytes) {
    out.left(name + ":", 16).right(bytes >>> 10, 8).add(" kB\n");
  }

  private static void line(TextBuffer out, TaskScope scope, MemoryMapping m) {
    int begin = out.length();
    int p = m.protection();
    out.hex(m.start(), 8).add('-').hex(m.end(), 8).add(' ');
    out.add((p & MemoryMapping.PROT_READ) != 0 ? 'r' : '-');
    out.add((p & MemoryMapping.PROT_WRITE) != 0 ? 'w' : '-');
    out.add((p & MemoryMapping.PROT_EXEC) != 0 ? 'x' : '-');
    out.add(m.shared() ? 's' : 'p').add(' ').hex(m.offset(), 8).add(' ');
    VfsPath file = m.file();
    if (file == null) {
      out.add("00:00 0 ");
    } else {
      FileStat stat = file.inode().stat();
      out.hex(DeviceNumber.major(stat.dev()), 2).add(':').hex(DeviceNumber.minor(stat.dev()), 2);
      out.add(' ').unsigned(stat.ino()).add(' ');
    }
    String name = file == null ? m.label() : scope.context().nameOf(file, scope.view());
    if (!name.isEmpty()) {
      out.left("", NAME_COLUMN - (out.length() - begin)).add(name.replace("\n", "\\012"));
    }
    out.newline();
  }
}
