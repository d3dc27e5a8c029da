/**
 * Prints syscalls as strace(1) does, for debugging. Called by the dispatcher on the task's own thread; owns nothing but its
 * sink.
 */
package io.loomvisor.kernel.strace;
