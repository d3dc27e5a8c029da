/**
 * The mount tree and the path walk. A {@link io.loomvisor.vfs.mount.MountNamespace} is the actor
 * that owns the tree.
 */
package io.loomvisor.vfs.mount;
