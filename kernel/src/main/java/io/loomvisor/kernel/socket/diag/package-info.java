/**
 * NETLINK_SOCK_DIAG (sock_diag(7)), by which ss(8) lists sockets: {@code InetDiag} from the rows of
 * {@code socket.inet.SocketTable}, {@code UnixDiag} from those of {@code vfs.socket.unix}.
 * Stateless; what is told is a snapshot, and agrees with /proc/net, which is made of the same rows.
 */
package io.loomvisor.kernel.socket.diag;
