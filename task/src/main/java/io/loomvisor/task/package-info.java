/**
 * What a process is made of: {@link io.loomvisor.task.Task} (a thread), {@code process} (thread
 * groups, process groups, sessions, the tree), {@code memory} (address spaces and the only way to
 * application memory), {@code fd} (descriptor tables), {@code signal} (signal state). The meaning
 * of syscalls lives above, in kernel.
 */
package io.loomvisor.task;
