/**
 * Where a traced task stops, and what it does about what its tracer has changed meanwhile: at both
 * ends of a call, before a signal is delivered, at fork, exec and exit. Stateless; runs on the
 * task's own thread with no actor held. The stops themselves are {@code task.ptrace}'s, the call is
 * {@code kernel.syscall.ptrace}'s.
 */
package io.loomvisor.kernel.ptrace;
