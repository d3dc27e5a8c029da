/**
 * Who traces whom (ptrace(2)), and where the traced threads stand still.
 *
 * <p>The actor {@link io.loomvisor.task.ptrace.Tracing} owns all of it, one per sandbox, between
 * the process tree, which asks it what wait(2) is to see, and the thread groups, which it sends
 * signals to. A traced thread stops on its own virtual thread, in {@link
 * io.loomvisor.task.ptrace.Tracing#stop}. While it stands still its tracer may hold it there
 * ({@link io.loomvisor.task.ptrace.Tracing#inspect}) and has its registers and its FPU meanwhile,
 * as if it were the thread itself; not even SIGKILL gets it out before (Linux:
 * JOBCTL_PTRACE_FROZEN).
 *
 * <p>A task that nobody traces has no {@link io.loomvisor.task.ptrace.Tracee}; that is all that it
 * ever looks at.
 *
 * <p>What a stop means is decided in {@code kernel.ptrace}; the call is {@code
 * kernel.syscall.ptrace}.
 */
package io.loomvisor.task.ptrace;
