package io.loomvisor.vfs.proc;

/**
 * Sizes and bounds of an address space. Sizes are bytes; addresses 0 where unknown.
 *
 * @param virtual everything mapped
 * @param peakVirtual the largest that {@code virtual} has been
 * @param peakResident the largest that all resident pages together have been
 * @param residentAnonymous resident private pages without a file
 * @param residentFile resident pages of files
 * @param residentShared resident pages of tmpfs, memfd and shared anonymous memory
 * @param data private writable mappings, without the stack
 * @param text executable mappings of the program itself
 * @param library executable mappings of other files
 * @param pageTables memory of the page tables
 */
public record MemoryStatus(
    long virtual,
    long peakVirtual,
    long peakResident,
    long residentAnonymous,
    long residentFile,
    long residentShared,
    long locked,
    long data,
    long stack,
    long text,
    long library,
    long pageTables,
    Bounds bounds) {

  /** Where exec and brk(2) put things: fields 26-28 and 45-51 of /proc/PID/stat. */
  public record Bounds(
      long codeStart,
      long codeEnd,
      long dataStart,
      long dataEnd,
      long brkStart,
      long stackStart,
      long argumentsStart,
      long argumentsEnd,
      long environmentStart,
      long environmentEnd) {}

  public long resident() {
    return residentAnonymous + residentFile + residentShared;
  }
}
