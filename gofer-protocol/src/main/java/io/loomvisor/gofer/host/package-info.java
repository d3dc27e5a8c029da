/**
 * The host calls of the gofer protocol, all through one {@code syscall(2)} downcall of
 * java.lang.foreign. Classes with different rights: {@link io.loomvisor.gofer.host.DescriptorCalls}
 * works on descriptors alone, takes no path and makes no socket: it is all that the sentry may use,
 * with {@link io.loomvisor.gofer.host.StreamCalls}, of the same kind, for the standard streams.
 * {@link io.loomvisor.gofer.host.DirectoryCalls} takes single names below a directory descriptor:
 * only the gofer uses it. {@link io.loomvisor.gofer.host.HostRandom}, which is no such call, has a
 * file that is opened once, before the sentry is locked in.
 */
package io.loomvisor.gofer.host;
