/**
 * proc(5): processes and the state of the system as files. What it shows comes from three
 * interfaces that the kernel implements: {@link io.loomvisor.vfs.proc.ProcessTable} with {@link
 * io.loomvisor.vfs.proc.ProcessView} for tasks, {@link io.loomvisor.vfs.proc.SystemView} for the
 * machine, {@link io.loomvisor.vfs.proc.NetworkView} for the network. Everything they return is an
 * immutable snapshot, and they are called with no actor held.
 *
 * <p>Tunables (/proc/sys) are {@link io.loomvisor.vfs.proc.Sysctl}s in a {@link
 * io.loomvisor.vfs.proc.SysctlTable}, which the kernel fills before the file system is built and
 * reads wherever a value has effect.
 */
package io.loomvisor.vfs.proc;
