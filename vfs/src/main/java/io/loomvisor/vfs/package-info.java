/**
 * The virtual file system. {@link io.loomvisor.vfs.Inode}, {@link io.loomvisor.vfs.Dentry} and
 * {@link io.loomvisor.vfs.FileDescription} are what every file system implements; {@code mount} has
 * the mount tree and the path walk; each file system has a package of its own ({@code tmpfs},
 * {@code gofer}, {@code overlay}, {@code proc}, {@code sys}, {@code dev}, {@code tty}, {@code
 * pipe}, …); {@code cache} is the page cache.
 *
 * <p>{@link io.loomvisor.vfs.DentryCache} is the actor that bounds how many names are kept that
 * nobody uses; {@link io.loomvisor.vfs.KernelMemory} counts what of the heap applications take.
 * docs/kernel-memory.md has the whole of it.
 *
 * <p>Names are Strings in ISO 8859-1, so that every byte of a Linux name survives. All operations
 * are non-blocking in the sense of O_NONBLOCK: what would wait for an event throws EAGAIN, and the
 * kernel's blocking loop waits on {@link io.loomvisor.vfs.FileDescription#waitQueue}.
 */
package io.loomvisor.vfs;
