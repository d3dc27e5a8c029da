/**
 * ptrace(2). Stateless: the relation and the stops belong to {@link
 * io.loomvisor.task.ptrace.Tracing}, which also keeps a tracee where it is while its registers are
 * looked at.
 */
package io.loomvisor.kernel.syscall.ptrace;
