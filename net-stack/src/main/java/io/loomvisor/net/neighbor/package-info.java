/**
 * The neighbour cache (RFC 4861 section 7.3, used for ARP as well): which link-layer address stands
 * for which IP address on one interface, and the packets that wait for the answer. ARP and NDP
 * themselves only ask and answer.
 */
package io.loomvisor.net.neighbor;
