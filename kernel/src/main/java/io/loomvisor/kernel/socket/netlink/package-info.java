/**
 * AF_NETLINK (netlink(7)). {@link io.loomvisor.kernel.socket.netlink.NetlinkSocket} is the socket
 * of every protocol; its {@code AnswerQueue} is an actor that owns the messages not yet read. A
 * request is answered while it is sent, by the protocol's {@link
 * io.loomvisor.kernel.socket.netlink.NetlinkService}: here NETLINK_ROUTE (rtnetlink(7)) from the
 * stack's snapshots, {@code kernel.socket.diag} NETLINK_SOCK_DIAG. Who has joined a group hears of
 * changes through {@link io.loomvisor.kernel.socket.netlink.NetlinkGroups}.
 */
package io.loomvisor.kernel.socket.netlink;
