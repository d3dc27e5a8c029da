/**
 * Syscalls of signals: sigaction, masks, kill and kin, sigsuspend, sigtimedwait, alternate stacks.
 * Arguments only.
 */
package io.loomvisor.kernel.syscall.signal;
