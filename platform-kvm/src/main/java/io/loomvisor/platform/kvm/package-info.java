/**
 * The KVM platform. {@link io.loomvisor.platform.kvm.KvmPlatform} is the way in; {@link
 * io.loomvisor.platform.kvm.Machine} is one VM, {@link io.loomvisor.platform.kvm.VCpu} one of its
 * CPUs, {@link io.loomvisor.platform.kvm.KvmContext} the state of one task. A vCPU's fields belong
 * to whoever has leased it from the pool; a context's to its task.
 *
 * <p>Two kinds of host are served by the same code, told apart by {@link
 * io.loomvisor.platform.kvm.HostProbe}: those where SYSCALL enters ring 0, and those (a
 * deprivileged guest without hardware nesting) where it stays in ring 3.
 */
package io.loomvisor.platform.kvm;
