/**
 * The kernel as /proc and /sys show it: the views that {@code vfs.proc} and {@code vfs.sys} ask
 * for, over the process tree, the tasks and the memory managers. They own no state; any thread may
 * call, holding no actor.
 */
package io.loomvisor.kernel.view;
