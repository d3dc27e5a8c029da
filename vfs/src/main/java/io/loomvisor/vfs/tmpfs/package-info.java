/**
 * The file system in memory (tmpfs(5)), which also backs memfd_create(2), shared anonymous memory
 * and the writable layer of the overlay.
 *
 * <p>{@link io.loomvisor.vfs.tmpfs.TmpFilesystem} is the actor that owns names and link counts;
 * {@link io.loomvisor.vfs.tmpfs.FileData} is one actor per regular file and owns its pages and
 * size. Attributes are volatile fields: read by anybody, changed in the file system's actor, times
 * also by whoever reads or writes.
 */
package io.loomvisor.vfs.tmpfs;
