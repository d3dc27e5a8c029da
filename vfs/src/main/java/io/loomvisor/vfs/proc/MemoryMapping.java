package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.VfsPath;

/**
 * One line of /proc/PID/maps.
 *
 * @param start first address
 * @param end first address after it
 * @param protection PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4
 * @param offset in the file, bytes
 * @param file null for anonymous memory
 * @param label shown when {@code file} is null: "[heap]", "[stack]", "[vdso]", "[vvar]", "/memfd:x
 *     (deleted)", "/dev/zero (deleted)", or empty
 * @param use resident sizes for smaps
 */
public record MemoryMapping(
    long start,
    long end,
    int protection,
    boolean shared,
    long offset,
    VfsPath file,
    String label,
    Use use) {
  public static final int PROT_READ = 1;
  public static final int PROT_WRITE = 2;
  public static final int PROT_EXEC = 4;

  /**
   * Bytes.
   *
   * @param anonymous of {@code resident}, pages without a file behind them
   * @param dirty of {@code resident}, pages written
   * @param shared of {@code resident}, pages that are mapped more than once
   * @param huge of {@code resident}, in huge pages
   */
  public record Use(
      long resident, long anonymous, long dirty, long shared, long huge, long locked) {
    public static final Use NONE = new Use(0, 0, 0, 0, 0, 0);
  }

  public long size() {
    return end - start;
  }
}
