package io.loomvisor.kernel.ipc;

import io.loomvisor.kernel.ipc.mqueue.PosixQueues;
import io.loomvisor.kernel.ipc.msg.MessageQueues;
import io.loomvisor.kernel.ipc.sem.SemaphoreSets;
import io.loomvisor.kernel.ipc.shm.Segments;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.proc.SysctlTable;

/** The IPC objects that a set of processes shares (ipc_namespaces(7)); one per sandbox. */
public final class IpcNamespace {
  private final IpcLimits limits = new IpcLimits();
  private final Segments segments;
  private final SemaphoreSets semaphores = new SemaphoreSets(limits);
  private final MessageQueues messages = new MessageQueues(limits);
  private final PosixQueues queues = new PosixQueues();

  /**
   * @param pages frames for shared memory
   */
  public IpcNamespace(PageStore pages) {
    this.segments = new Segments(limits, pages);
  }

  public Segments segments() {
    return segments;
  }

  public SemaphoreSets semaphores() {
    return semaphores;
  }

  public MessageQueues messages() {
    return messages;
  }

  public PosixQueues queues() {
    return queues;
  }

  /** Nobody is left to use it: shared memory that has not been removed is given back. */
  public void removeAll() {
    segments.table().all().forEach(segments::remove);
  }

  /** Shows all limits in /proc/sys. */
  public void addTo(SysctlTable table) {
    limits.addTo(table);
    queues.files().limits().addTo(table);
  }

  /** The last thread of a process has ended. */
  public void processEnded(ThreadGroup process) {
    semaphores.processEnded(process);
    queues.files().processGone(process);
  }

  /** execve(2): descriptors of queues are closed, and with them go notifications. */
  public void executed(ThreadGroup process) {
    queues.files().processGone(process);
  }
}
