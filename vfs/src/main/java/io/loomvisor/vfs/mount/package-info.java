/**
 * The mount tree and the path walk. A {@link io.loomvisor.vfs.mount.MountNamespace} is one tree;
 * {@link io.loomvisor.vfs.mount.MountChanges} is the actor that owns all trees that mounts can
 * propagate between, {@link io.loomvisor.vfs.mount.Propagation} says where to.
 */
package io.loomvisor.vfs.mount;
