/**
 * Scheduling (sched(7)): priorities, policies, affinity and I/O priorities. What a thread has been
 * given is kept in its {@link io.loomvisor.task.Scheduling}, checked, inherited and shown as Linux
 * does; the pool of vCPUs does not look at it.
 */
package io.loomvisor.kernel.syscall.sched;
