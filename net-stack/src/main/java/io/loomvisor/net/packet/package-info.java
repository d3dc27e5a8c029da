/**
 * Packet sockets (packet(7)): endpoints that see the frames of interfaces beside the stack, and
 * send frames of their own. {@link io.loomvisor.net.packet.PacketLayer} is told of every frame by
 * the interfaces ({@code ip.FrameTap}) and offers it to all {@link
 * io.loomvisor.net.packet.PacketEndpoint}s; each is a mailbox that owns what it has taken. An
 * application's glue may give an endpoint a {@link io.loomvisor.net.packet.FrameFilter} and a
 * {@link io.loomvisor.net.packet.FrameRing}.
 */
package io.loomvisor.net.packet;
