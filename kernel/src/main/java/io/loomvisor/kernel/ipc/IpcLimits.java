package io.loomvisor.kernel.ipc;

import io.loomvisor.vfs.proc.Sysctl;
import io.loomvisor.vfs.proc.SysctlTable;

/** The limits of one IPC namespace: /proc/sys/kernel/shm*, sem and msg*. Any thread. */
public final class IpcLimits {
  /** ULONG_MAX - (1UL << 24): SHMMAX and SHMALL of linux/shm.h. */
  private static final long UNLIMITED = -1L - (1L << 24);

  private static final long INT_MAX = Integer.MAX_VALUE;

  private final Sysctl.Unsigned shmmax = new Sysctl.Unsigned(UNLIMITED);
  private final Sysctl.Unsigned shmall = new Sysctl.Unsigned(UNLIMITED);
  private final Sysctl.Number shmmni = new Sysctl.Number(4096, 0, IpcTable.MAX_OBJECTS);
  private final Sysctl.Numbers sem = new Sysctl.Numbers(32000, 1_024_000_000, 500, 32000);
  private final Sysctl.Number msgmax = new Sysctl.Number(8192, 0, INT_MAX);
  private final Sysctl.Number msgmnb = new Sysctl.Number(16384, 0, INT_MAX);
  private final Sysctl.Number msgmni = new Sysctl.Number(32000, 0, IpcTable.MAX_OBJECTS);

  /** Shows them in /proc/sys. */
  public void addTo(SysctlTable table) {
    table
        .put("kernel/shmmax", shmmax)
        .put("kernel/shmall", shmall)
        .put("kernel/shmmni", shmmni)
        .put("kernel/sem", sem)
        .put("kernel/msgmax", msgmax)
        .put("kernel/msgmnb", msgmnb)
        .put("kernel/msgmni", msgmni);
  }

  /** Bytes of one segment, unsigned. */
  public long segmentBytes() {
    return shmmax.value();
  }

  /** Pages of all segments, unsigned. */
  public long segmentPages() {
    return shmall.value();
  }

  public long segments() {
    return shmmni.value();
  }

  /** SEMMSL: semaphores of one set. */
  public long semaphoresPerSet() {
    return sem.value(0);
  }

  /** SEMMNS: semaphores of all sets. */
  public long semaphores() {
    return sem.value(1);
  }

  /** SEMOPM: operations of one semop(2). */
  public long operations() {
    return sem.value(2);
  }

  /** SEMMNI. */
  public long semaphoreSets() {
    return sem.value(3);
  }

  public long messageBytes() {
    return msgmax.value();
  }

  /** What a new queue may hold. */
  public long queueBytes() {
    return msgmnb.value();
  }

  public long queues() {
    return msgmni.value();
  }
}
