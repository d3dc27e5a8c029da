/**
 * The pool from which tasks lease vCPUs. {@link io.loomvisor.scheduler.vcpu.LeasePool} is an actor
 * of rank LEAF; its state, who holds and who waits, is a {@link
 * io.loomvisor.scheduler.vcpu.RunQueue}, plain code that is told the time; {@link
 * io.loomvisor.scheduler.vcpu.LeaseStrategy} picks vCPUs; the {@link
 * io.loomvisor.scheduler.vcpu.PreemptionClock} gets spinning holders off, and a {@link
 * io.loomvisor.scheduler.vcpu.VcpuWorker} does the turns of those that compute. Generic: nothing
 * here knows of KVM.
 */
package io.loomvisor.scheduler.vcpu;
