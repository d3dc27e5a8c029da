/**
 * Syscalls of address spaces (mmap(2) and kin). Arguments only; the work is {@code
 * task.memory.MemoryManager}'s.
 */
package io.loomvisor.kernel.syscall.memory;
