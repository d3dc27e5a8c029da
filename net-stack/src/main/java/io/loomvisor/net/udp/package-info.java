/**
 * UDP endpoints (RFC 768): non-blocking operations that return a count or a negative Linux errno,
 * with the contract that {@code io.loomvisor.net.tcp} states for its endpoints: a readiness mask, a
 * callback for each event outside of all mailboxes, IPv4-mapped addresses on IPv6 endpoints.
 *
 * <p>{@link io.loomvisor.net.udp.UdpEndpoint} is one socket and one mailbox. What a lookup needs to
 * know of it is published as an immutable {@code UdpBinding}; {@link io.loomvisor.net.udp.UdpLayer}
 * holds the table.
 *
 * <p>Ancillary data: {@link io.loomvisor.net.udp.DatagramInfo} always carries destination address,
 * interface, TTL and TOS; the options that ask for control messages (IP_PKTINFO and its like) are
 * kept, and turning them into messages is the caller's.
 */
package io.loomvisor.net.udp;
