/**
 * Syscalls of processes and threads: clone, execve, exit, wait, ids, process groups and sessions.
 * Arguments only.
 */
package io.loomvisor.kernel.syscall.process;
