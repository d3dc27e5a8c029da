/**
 * Prints syscalls, signals and exits as strace(1) does, for debugging. {@link
 * io.loomvisor.kernel.strace.Signatures} says per syscall what each argument is; an {@link
 * io.loomvisor.kernel.strace.Argument} knows how to print one; lines are put in order by {@link
 * io.loomvisor.kernel.strace.StraceLog}, the only actor here. The dispatcher and signal delivery
 * call {@link io.loomvisor.kernel.strace.Strace} on the task's own thread. Nothing of this is
 * loaded while it is off.
 */
package io.loomvisor.kernel.strace;
