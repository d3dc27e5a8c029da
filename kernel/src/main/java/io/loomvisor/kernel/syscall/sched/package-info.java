/**
 * Scheduling (sched(7)): priorities, policies, affinity and I/O priorities. What a thread has been
 * given is kept in its {@link io.loomvisor.task.Scheduling}, checked, inherited and shown as Linux
 * does, and {@link io.loomvisor.task.Task#changeScheduling} tells the pool of vCPUs.
 */
package io.loomvisor.kernel.syscall.sched;
