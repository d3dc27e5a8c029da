package io.loomvisor.vfs.notify;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.proc.Sysctl;
import io.loomvisor.vfs.proc.SysctlTable;
import java.util.concurrent.ConcurrentHashMap;

/** /proc/sys/fs/inotify, and what each user has of it. Any thread. */
public final class InotifyLimits {
  private static final long INT_MAX = Integer.MAX_VALUE;
  private static final int WATCHES_MIN = 8192;
  private static final int WATCHES_MAX = 1_048_576;

  /** A hundredth of memory may go into watches of this size (inotify_user_setup()). */
  private static final long BYTES_PER_WATCH = 128_000;

  private final Sysctl.Number queuedEvents = new Sysctl.Number(16384, 0, INT_MAX);
  private final Sysctl.Number userInstances = new Sysctl.Number(128, 0, INT_MAX);
  private final Sysctl.Number userWatches;
  private final ConcurrentHashMap<Integer, Long> instances = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, Long> watches = new ConcurrentHashMap<>();

  public InotifyLimits(long memoryBytes) {
    userWatches =
        new Sysctl.Number(
            Math.clamp(memoryBytes / BYTES_PER_WATCH, WATCHES_MIN, WATCHES_MAX), 0, INT_MAX);
  }

  /** Shows them in /proc/sys. */
  public void addTo(SysctlTable table) {
    table
        .put("fs/inotify/max_queued_events", queuedEvents)
        .put("fs/inotify/max_user_instances", userInstances)
        .put("fs/inotify/max_user_watches", userWatches);
  }

  long queuedEvents() {
    return queuedEvents.value();
  }

  /** One instance more; EMFILE. */
  void takeInstance(int uid) {
    take(instances, uid, userInstances.value(), Errno.EMFILE);
  }

  void giveInstance(int uid) {
    give(instances, uid);
  }

  /** One watch more; ENOSPC. */
  void takeWatch(int uid) {
    take(watches, uid, userWatches.value(), Errno.ENOSPC);
  }

  void giveWatch(int uid) {
    give(watches, uid);
  }

  private static void take(
      ConcurrentHashMap<Integer, Long> counts, int uid, long limit, Errno otherwise) {
    counts.compute(
        uid,
        (u, n) -> {
          long now = n == null ? 0 : n;
          if (now >= limit) {
            throw otherwise.exception();
          }
          return now + 1;
        });
  }

  private static void give(ConcurrentHashMap<Integer, Long> counts, int uid) {
    counts.computeIfPresent(uid, (u, n) -> n <= 1 ? null : n - 1);
  }
}
