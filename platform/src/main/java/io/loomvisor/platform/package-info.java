/**
 * The small interface between the kernel and the CPU. A {@link io.loomvisor.platform.Platform}
 * gives out {@link io.loomvisor.platform.AddressSpace}s and {@link io.loomvisor.platform.Context}s;
 * both work on frames of one {@link io.loomvisor.platform.MemoryFile}.
 *
 * <p>Implemented by platform-kvm; used by task and kernel. Nothing here knows what a syscall means,
 * but for the few of {@link io.loomvisor.platform.InstantAnswers}.
 */
package io.loomvisor.platform;
