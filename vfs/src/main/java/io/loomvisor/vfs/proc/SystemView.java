package io.loomvisor.vfs.proc;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The machine as /proc and /sys show it. Any thread, no actor held; every answer is a snapshot. */
public interface SystemView {
  /** uname(2)'s release, such as "6.12.0". */
  String release();

  /** uname(2)'s version, such as "#1 SMP …". */
  String version();

  /** Boot command line. */
  String commandLine();

  /** When the sandbox booted: seconds since the Epoch. */
  long bootSeconds();

  /** Nanoseconds since boot, of the boot-time clock. */
  long uptimeNanos();

  /** Number of CPUs; they are numbered from 0. */
  int cpus();

  CpuModel cpuModel();

  /** Time used so far by each CPU, {@link #cpus} entries. */
  List<CpuTime> cpuTimes();

  MemoryTotals memory();

  LoadAverage load();

  /** Context switches since boot. */
  long contextSwitches();

  /** Processes and threads created since boot. */
  long forks();

  /** Advisory locks, in the order that /proc/locks shows them. */
  default List<FileLock> fileLocks() {
    return List.of();
  }

  /** The files of /proc/sysvipc by name; no directory if there are none. */
  default Map<String, Supplier<String>> ipcTables() {
    return Map.of();
  }

  /**
   * @param flags as in /proc/cpuinfo
   * @param frequencyKhz current frequency
   * @param cacheBytes of the last-level cache
   */
  record CpuModel(
      String vendor,
      int family,
      int model,
      int stepping,
      String name,
      long frequencyKhz,
      long cacheBytes,
      List<String> flags,
      int physicalBits,
      int virtualBits) {}

  /**
   * One line of /proc/locks.
   *
   * @param kind "POSIX", "OFDLCK" or "FLOCK"
   * @param pid of the process that set it; -1 if it is nobody's
   * @param end last byte; Long.MAX_VALUE to the end of the file
   */
  record FileLock(
      String kind, boolean exclusive, int pid, long device, long inode, long start, long end) {}

  record CpuTime(long userNanos, long systemNanos, long idleNanos) {}

  /**
   * Bytes.
   *
   * @param cached page cache and shared memory
   * @param shared tmpfs, memfd and shared anonymous memory
   * @param pageTables memory of page tables
   */
  record MemoryTotals(
      long total,
      long free,
      long available,
      long cached,
      long shared,
      long anonymous,
      long mapped,
      long dirty,
      long pageTables) {}

  /**
   * @param one run-queue length averaged over one minute; then five and fifteen
   * @param running threads running now, of {@code threads}
   * @param lastPid newest pid given out
   */
  record LoadAverage(
      double one, double five, double fifteen, int running, int threads, int lastPid) {}
}
