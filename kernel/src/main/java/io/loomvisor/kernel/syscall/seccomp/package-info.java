/**
 * seccomp(2) and its twin in prctl(2), and what becomes of a call that a thread has forbidden
 * itself. The filters are {@link io.loomvisor.task.seccomp}'s; each thread's settings hold its own.
 */
package io.loomvisor.kernel.syscall.seccomp;
