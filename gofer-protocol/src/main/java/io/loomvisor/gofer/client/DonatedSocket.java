package io.loomvisor.gofer.client;

/**
 * A socket of the host's network.
 *
 * @param handle what the gofer knows it by
 * @param descriptor the holder closes it
 * @param peer who has connected; empty if nobody has
 */
public record DonatedSocket(int handle, int descriptor, byte[] peer) {}
