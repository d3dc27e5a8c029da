/**
 * Futexes (futex(2)): {@link io.loomvisor.kernel.futex.Futexes} is the actor that owns the queues
 * of waiters; keys come from the memory manager. Called by {@code kernel.syscall.futex} and at the
 * end of threads.
 */
package io.loomvisor.kernel.futex;
