/**
 * The pool from which tasks lease vCPUs. {@link io.loomvisor.scheduler.vcpu.VcpuPool} is an actor
 * of rank LEAF and knows who holds and who waits; {@link io.loomvisor.scheduler.vcpu.LeaseStrategy}
 * decides who gets what; the {@link io.loomvisor.scheduler.vcpu.PreemptionClock} gets spinning
 * holders off. Generic: nothing here knows of KVM.
 */
package io.loomvisor.scheduler.vcpu;
