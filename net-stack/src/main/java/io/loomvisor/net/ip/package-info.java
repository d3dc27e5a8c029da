/**
 * The network layer: interfaces and their addresses, routes, IPv4 and IPv6 input, output,
 * forwarding, fragmentation and reassembly, ICMP. {@link io.loomvisor.net.ip.IpLayer} is what
 * transports see.
 *
 * <p>Input runs on the thread that delivers the packet and owns nothing: configuration is read from
 * immutable snapshots. What has state is a mailbox of its own: each interface's transmit queue and
 * neighbour discovery, the reassembler.
 */
package io.loomvisor.net.ip;
