/**
 * The one wait primitive. A blocking syscall registers a {@link
 * io.loomvisor.scheduler.wait.WaitEntry} with one or more {@link
 * io.loomvisor.scheduler.wait.WaitQueue}s and parks the task's {@link
 * io.loomvisor.scheduler.wait.Sleeper}.
 */
package io.loomvisor.scheduler.wait;
