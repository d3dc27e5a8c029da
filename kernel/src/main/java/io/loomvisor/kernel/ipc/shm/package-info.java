/**
 * System V shared memory (shmget(2), shmat(2), shmdt(2), shmctl(2)).
 *
 * <p>A segment's pages are those of a file without a name in a tmpfs of the namespace's own, as on
 * Linux; an attachment is a shared mapping of a description of it, one description for each
 * shmat(2). Fork, munmap, exec and exit are the memory manager's business: it tells the description
 * how many mappings there are ({@link io.loomvisor.vfs.cache.CountsMappings}), and the release of
 * the last description frees a segment that was removed meanwhile.
 */
package io.loomvisor.kernel.ipc.shm;
