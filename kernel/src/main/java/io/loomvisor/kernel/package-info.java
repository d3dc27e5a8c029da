/**
 * The operating system that applications see. {@link io.loomvisor.kernel.Kernel} assembles it:
 * syscall families in {@code syscall}, delivery of signals in {@code signal}, the life of processes
 * in {@code process}, programs in {@code loader}.
 */
package io.loomvisor.kernel;
