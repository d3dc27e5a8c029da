/**
 * The life of processes: how tasks are made, replaced by execve(2) and ended. The state belongs to
 * {@code task.process.ProcessTree} and {@code ThreadGroup}; the syscalls that start these are in
 * {@code kernel.syscall.process}.
 */
package io.loomvisor.kernel.process;
