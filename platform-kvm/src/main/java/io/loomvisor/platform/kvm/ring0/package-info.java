/**
 * What sits in the kernel half of every address space: GDT, IDT, task-state segments, the entry
 * stubs of {@code src/main/asm/ring0.S} and one stack per vCPU. Written once when the machine is
 * made; afterwards only the exception frames on the stacks change, and each stack belongs to
 * whoever has leased its vCPU.
 */
package io.loomvisor.platform.kvm.ring0;
