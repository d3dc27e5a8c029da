/**
 * System V semaphores (semget(2), semop(2), semctl(2)).
 *
 * <p>A {@link io.loomvisor.kernel.ipc.sem.SemaphoreSet} is an actor: it owns the values, the queue
 * of operations that wait, and what each process has to be undone at its exit. A waiting task
 * sleeps on its own {@link io.loomvisor.kernel.ipc.sem.PendingOperations}, which the set completes.
 */
package io.loomvisor.kernel.ipc.sem;
