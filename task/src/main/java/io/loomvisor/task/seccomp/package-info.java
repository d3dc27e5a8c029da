/**
 * seccomp(2): the filters that a thread has given itself. Everything here is immutable and knows
 * neither tasks nor memory: {@code kernel.syscall.seccomp} reads the programs in and puts them into
 * force, the dispatcher asks them before it serves a call.
 */
package io.loomvisor.task.seccomp;
