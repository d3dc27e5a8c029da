/**
 * Device files: the registry behind device numbers ({@link io.loomvisor.vfs.dev.Devices}), the
 * memory devices of null(4), full(4) and random(4), and what /dev looks like ({@link
 * io.loomvisor.vfs.dev.DevTree}). Terminals register from {@code tty}. Descriptions here have no
 * state; {@link io.loomvisor.vfs.dev.RandomSource} is an actor.
 */
package io.loomvisor.vfs.dev;
