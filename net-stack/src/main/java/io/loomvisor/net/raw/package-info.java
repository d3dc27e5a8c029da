/**
 * Endpoints below UDP and TCP: raw ones (raw(7)), which see every packet of a protocol besides
 * whoever else takes it, and ICMP echo ones (icmp(7), "ping sockets"), which send echo requests and
 * receive the answers. The contract is that of {@code io.loomvisor.net.udp}: operations never wait
 * and return a count or a negative Linux errno.
 *
 * <p>{@link io.loomvisor.net.raw.RawEndpoint} is one socket and one mailbox; {@link
 * io.loomvisor.net.raw.RawLayer} holds the tables and is what the IP layer calls. Who may open one
 * is the caller's to decide.
 */
package io.loomvisor.net.raw;
