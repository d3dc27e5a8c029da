/**
 * Classic BPF (Documentation/networking/filter.rst): the checks that a program must pass and the
 * machine that runs it, for everybody who filters with it: {@code task.seccomp} system calls, the
 * sockets of {@code kernel.socket} packets. A {@link io.loomvisor.task.bpf.BpfRules} says what the
 * one or the other may do, a {@link io.loomvisor.task.bpf.BpfData} what it reads. Immutable, any
 * thread.
 */
package io.loomvisor.task.bpf;
