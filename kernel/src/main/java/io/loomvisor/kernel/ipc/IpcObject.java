package io.loomvisor.kernel.ipc;

/** A segment, a semaphore set or a message queue. */
public interface IpcObject {
  /** What IPC_STAT shows now; immutable, replaced by the owner. */
  IpcPermission permission();

  /** The identifier that shmget(2), semget(2) or msgget(2) gave. */
  int id();

  /** It leaves the table: EIDRM for those who wait, and for those who have found it already. */
  void removed();
}
