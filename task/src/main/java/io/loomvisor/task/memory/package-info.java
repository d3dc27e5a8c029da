/**
 * Address spaces. {@code MemoryManager} is the actor that owns one (VMAs and page tables); {@link
 * io.loomvisor.task.memory.UserMemory} is the only way to application memory for everybody else.
 */
package io.loomvisor.task.memory;
