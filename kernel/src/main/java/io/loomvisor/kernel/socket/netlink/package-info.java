/**
 * AF_NETLINK with the one protocol NETLINK_ROUTE (netlink(7), rtnetlink(7)): what programs read of
 * interfaces, addresses and routes. {@link io.loomvisor.kernel.socket.netlink.RouteSocket} is the
 * socket; its {@code AnswerQueue} is an actor that owns the answers not yet read. A request is
 * answered while it is sent, from the stack's snapshots. Nothing can be changed this way yet, and
 * as nothing changes, nothing is announced to groups.
 */
package io.loomvisor.kernel.socket.netlink;
