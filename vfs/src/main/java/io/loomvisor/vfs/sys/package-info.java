/**
 * sysfs(5) as far as programs read it: CPUs and their topology, the one memory node, transparent
 * huge pages, network interfaces, and the places where cgroups would be mounted. Static after
 * mount; values come from {@link io.loomvisor.vfs.proc.SystemView} and {@link
 * io.loomvisor.vfs.proc.NetworkView}.
 */
package io.loomvisor.vfs.sys;
