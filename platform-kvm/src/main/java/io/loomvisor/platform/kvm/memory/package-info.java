/**
 * Guest-physical memory and the page tables over it. {@link
 * io.loomvisor.platform.kvm.memory.MemoryFileImpl} is one memfd, mapped twice: once for the
 * sentry's own accesses and once for KVM, so that throwing away KVM's mapping of a frame ({@link
 * io.loomvisor.platform.kvm.memory.GuestTlb}) makes KVM forget every translation to it while the
 * contents stay.
 */
package io.loomvisor.platform.kvm.memory;
