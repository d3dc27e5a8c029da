/**
 * AF_PACKET (packet(7)) on the endpoints of {@code net.packet}: {@link
 * io.loomvisor.kernel.socket.packet.PacketSocket} and its options. A receive ring (PACKET_RX_RING)
 * is a {@code PacketRing}: frames of the memory file that the application maps; it is written
 * inside the endpoint's mailbox, and its status words pass what is written from one side to the
 * other. The application may write anything there at any time: nothing but those words is ever
 * read.
 */
package io.loomvisor.kernel.socket.packet;
