/**
 * The host calls of the gofer protocol, all through one {@code syscall(2)} downcall of java.lang.foreign. Two classes with
 * different rights: {@link io.loomvisor.gofer.host.DescriptorCalls} works on descriptors alone, takes no path and makes no
 * socket: it is all that the sentry may use. {@link io.loomvisor.gofer.host.DirectoryCalls} takes single names below a
 * directory descriptor: only the gofer uses it.
 */
package io.loomvisor.gofer.host;
