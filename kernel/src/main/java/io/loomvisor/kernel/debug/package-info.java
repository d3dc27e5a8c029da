/**
 * What the kernel tells an operator about itself: its tasks and where they wait ({@link
 * io.loomvisor.kernel.debug.TaskDump}), how many calls, faults and exits there were ({@link
 * io.loomvisor.kernel.debug.Counters}), and the trace that can be switched on while tasks run
 * ({@link io.loomvisor.kernel.debug.CallTrace}). Read by the runtime's control connection; any
 * thread; no state but the sums of tasks that have ended.
 */
package io.loomvisor.kernel.debug;
