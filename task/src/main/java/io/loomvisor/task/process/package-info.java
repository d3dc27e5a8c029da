/**
 * Processes. {@link io.loomvisor.task.process.ThreadGroup} is the actor of a process's signal and
 * exit state; {@code GroupSignals} and {@code GroupUsage} are parts of it. {@link
 * io.loomvisor.task.process.ProcessTree} is the actor of pids, parents, process groups and
 * sessions; {@code ProcessGroups}, {@code Reaper} (zombies and orphans), {@code ChildNotices}
 * (SIGCHLD) and {@code ChildWait} (wait(2)) are parts of it, and nobody else calls them.
 */
package io.loomvisor.task.process;
