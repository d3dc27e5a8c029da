package io.loomvisor.vfs.proc;

/**
 * The processes of one PID namespace, as that namespace numbers them. Any thread; called with no
 * actor held; every answer is a snapshot.
 */
public interface ProcessTable {
  /** The thread-group ids of all processes, zombies too, in ascending order. */
  int[] processes();

  /** The thread ids of the process {@code tgid} in ascending order; empty if there is none. */
  int[] threads(int tgid);

  /**
   * The thread with id {@code tid}, leader of its group or not; null if there is none or it has
   * been reaped.
   */
  ProcessView find(int tid);
}
