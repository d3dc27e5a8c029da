/**
 * Network address and port translation (RFC 3022, RFC 4787, RFC 5382, RFC 5508) on tracked
 * connections. {@link io.loomvisor.net.nat.Mapper} chooses once per connection what it is to look
 * like; {@link io.loomvisor.net.nat.Rewriter} makes each packet look so, quoted ones in ICMP errors
 * included. Called inside the firewall's actor only.
 *
 * <p>Behaviour by the RFCs' names: mapping is endpoint-independent as long as ports do not collide
 * (RFC 4787 REQ-1), filtering is address- and port-dependent, ports are kept where they are free
 * and otherwise stay in their class and, for UDP, of their parity (REQ-3, REQ-4), addresses of a
 * pool are paired (REQ-2), hairpinning works with rules for both directions (REQ-9), and ICMP
 * errors are translated both outside and inside (RFC 5508 REQ-4, REQ-5).
 */
package io.loomvisor.net.nat;
