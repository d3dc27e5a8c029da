package io.loomvisor.kernel.ipc;

import io.loomvisor.kernel.ipc.msg.MessageQueues;
import io.loomvisor.kernel.ipc.sem.SemaphoreSets;
import io.loomvisor.kernel.ipc.shm.Segments;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.cache.PageStore;

/** The System V IPC objects that a set of processes shares (ipc_namespaces(7)); one per sandbox. */
public final class IpcNamespace {
  private final IpcLimits limits = new IpcLimits();
  private final Segments segments;
  private final SemaphoreSets semaphores = new SemaphoreSets(limits);
  private final MessageQueues messages = new MessageQueues(limits);

  /**
   * @param pages frames for shared memory
   */
  public IpcNamespace(PageStore pages) {
    this.segments = new Segments(limits, pages);
  }

  public IpcLimits limits() {
    return limits;
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

  /** The last thread of a process has ended. */
  public void processEnded(ThreadGroup process) {
    semaphores.processEnded(process);
  }
}
