package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.GeneratedFile;
import io.loomvisor.vfs.synthetic.Opener;
import io.loomvisor.vfs.synthetic.StaticDirectory;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A {@link Sysctl} as a file. */
final class SysctlFile extends GeneratedFile {
  private final Sysctl sysctl;

  private SysctlFile(ProcFilesystem filesystem, Sysctl sysctl) {
    super(filesystem, filesystem.newInodeNumber(), sysctl.permissions());
    this.sysctl = sysctl;
  }

  /** /proc/sys with all of {@code table}. */
  static StaticDirectory tree(ProcFilesystem filesystem, SysctlTable table) {
    StaticDirectory root = new StaticDirectory(filesystem);
    for (Map.Entry<String, Sysctl> entry : table.all().entrySet()) {
      String[] parts = entry.getKey().split("/");
      StaticDirectory at = root;
      for (int i = 0; i < parts.length - 1; i++) {
        at = at.directory(parts[i]);
      }
      at.add(parts[parts.length - 1], new SysctlFile(filesystem, entry.getValue()));
    }
    return root;
  }

  @Override
  protected byte[] contents(Opener reader) {
    return (sysctl.get() + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * The value ends at the first newline or NUL; writes anywhere but at the start are taken and
   * ignored, as with Linux.
   */
  @Override
  protected int store(Opener writer, byte[] data, long offset) {
    if (offset == 0) {
      sysctl.set(writer.credentials(), line(new String(data, StandardCharsets.ISO_8859_1)));
    }
    return data.length;
  }

  private static String line(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\n' || text.charAt(i) == 0) {
        return text.substring(0, i);
      }
    }
    return text;
  }
}
