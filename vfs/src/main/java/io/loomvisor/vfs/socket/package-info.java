/**
 * Sockets as descriptions: {@link io.loomvisor.vfs.socket.SocketDescription} is what the socket
 * syscalls work on, whatever the address family. {@code vfs.socket.unix} implements AF_UNIX; other
 * families are glue in the kernel module. Nothing here waits: what would block throws EAGAIN.
 *
 * <p>Addresses are the bytes of a struct sockaddr as the application passed them, family first.
 */
package io.loomvisor.vfs.socket;
