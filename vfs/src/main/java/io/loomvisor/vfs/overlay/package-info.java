/**
 * The overlay: a writable layer in memory over a read-only file system (Linux:
 * Documentation/filesystems/overlayfs.rst).
 *
 * <p>Unlike Linux's, the upper layer is no directory tree. {@link
 * io.loomvisor.vfs.overlay.OverlayFilesystem} is the actor that owns all names: each {@code
 * OverlayDirectory} has its lower directory, if any, and a table of the names that differ from it
 * or have been looked up and are in use ({@code Names}). A whiteout is an entry of that table; an
 * opaque directory is one without a lower directory; a renamed lower directory is the same node
 * under another name and keeps its lower directory. So rename(2) never fails with EXDEV and copies
 * nothing. The upper tmpfs lends files without names: they keep attributes, extended attributes and
 * data of what was made or changed, and count against its limits.
 *
 * <p>Copy-up has two steps. A change of attributes gives a file an upper inode, its data stay
 * below. The first open for writing (or truncation) copies the data. Nothing is copied up on the
 * way, parents included, as names are not kept there. The lower file system is asked with no actor
 * held; as it never changes, two who copy up at once come to the same result and the actor takes
 * the first.
 *
 * <p>Agreements: st_dev is the overlay's for all files; st_ino is the lower file's number, or one
 * from 2^47 on for what was made here, and never changes. All names of one lower file stay one
 * file. A description opened for reading before the copy-up goes on with the upper data (Linux:
 * stays with the old); a mapping made before it keeps the lower pages, as on Linux. Callers go
 * through {@code vfs.mount}, which has checked permissions.
 */
package io.loomvisor.vfs.overlay;
