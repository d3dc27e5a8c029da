/**
 * Processes: {@link io.loomvisor.task.process.ThreadGroup} is the actor of a process's signal and
 * exit state, {@link io.loomvisor.task.process.ProcessTree} the actor of pids, parents, process
 * groups and sessions.
 */
package io.loomvisor.task.process;
