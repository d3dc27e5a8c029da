package io.loomvisor.kernel.ipc.sem;

import io.loomvisor.kernel.ipc.IpcFlags;

/**
 * struct sembuf: one operation of semop(2).
 *
 * @param number of the semaphore, unsigned 16 bits
 * @param change positive: add; negative: take, when that much is there; 0: when it is 0
 * @param flags IPC_NOWAIT, SEM_UNDO
 */
public record SemaphoreOperation(int number, short change, int flags) {
  /** sizeof(struct sembuf). */
  public static final int SIZE = 6;

  public static final int SEM_UNDO = 0x1000;

  boolean nowait() {
    return (flags & IpcFlags.IPC_NOWAIT) != 0;
  }

  boolean undo() {
    return (flags & SEM_UNDO) != 0;
  }
}
