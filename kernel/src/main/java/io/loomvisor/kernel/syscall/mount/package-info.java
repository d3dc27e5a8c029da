/**
 * The syscalls that change the mount tree: mount(2), umount2(2), pivot_root(2), unshare(2) of a
 * mount namespace. The tree itself belongs to {@link io.loomvisor.vfs.mount.MountNamespace}.
 * Registered by {@code kernel.Kernel}.
 */
package io.loomvisor.kernel.syscall.mount;
