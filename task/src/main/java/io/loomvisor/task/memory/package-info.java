/**
 * Address spaces. {@code MemoryManager} is the actor that owns one (VMAs and page tables); {@link
 * io.loomvisor.task.memory.UserMemory} is the only way to application memory for everybody else.
 *
 * <p>An exit from the guest costs tens of microseconds, a page brought along less than one. So
 * faults bring neighbours along, by these rules, each in one class:
 *
 * <ul>
 *   <li>{@code Pager}, anonymous memory: an aligned block of 16 pages; where pages are resident
 *       right below, as many as there are, up to 512. What is resident is the only memory of a
 *       sequence, so any number of them can go on at the same time.
 *   <li>{@code BackedFaults}, files and shared memory: what the page cache has ({@link
 *       io.loomvisor.vfs.cache.Mappable#cached}) in an aligned block of 64 pages, of 512 for
 *       programs, growing to 512 behind the last window. Private neighbours come read-only; shared
 *       ones that are written come writable if their file need not know of the store: those of
 *       memory files, and those of a host's file that are dirty already. Nothing is read, no hole
 *       filled, nothing marked dirty for a neighbour. A new mapping gets its beginning at once, a
 *       program's when it is put at its place, small writable parts of a program as copies.
 *   <li>{@code MemoryManager#fork}: if the parent has few pages that it may store to, the child
 *       gets copies of them and the parent keeps its own as they are; otherwise copy-on-write.
 * </ul>
 */
package io.loomvisor.task.memory;
