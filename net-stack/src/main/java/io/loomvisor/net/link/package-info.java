/**
 * Where packets enter and leave: an in-memory pipe, the loopback, file descriptors of TUN, TAP and
 * AF_PACKET, and wrappers that record or disturb. A {@link io.loomvisor.net.link.Link} knows
 * frames, not addresses or routes.
 */
package io.loomvisor.net.link;
