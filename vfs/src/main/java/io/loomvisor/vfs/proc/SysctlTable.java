package io.loomvisor.vfs.proc;

import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The tunables of one sandbox by path, such as "kernel/pid_max". The kernel adds or replaces
 * entries before it builds the {@link ProcFilesystem}; later additions are not seen there. {@link
 * StandardSysctls} has those that need no kernel.
 */
public final class SysctlTable {
  private final ConcurrentSkipListMap<String, Sysctl> byPath = new ConcurrentSkipListMap<>();

  /** Adds or replaces; returns this. */
  public SysctlTable put(String path, Sysctl sysctl) {
    byPath.put(path, sysctl);
    return this;
  }

  /** Null if there is none. */
  public Sysctl get(String path) {
    return byPath.get(path);
  }

  /**
   * The current value of a {@link Sysctl.Number}; IllegalArgumentException if {@code path} is none.
   */
  public long number(String path) {
    if (byPath.get(path) instanceof Sysctl.Number n) {
      return n.value();
    }
    throw new IllegalArgumentException(path);
  }

  SortedMap<String, Sysctl> all() {
    return byPath;
  }
}
