/**
 * Socket calls: address and control-message layouts, and the registry of address families, to which
 * a family is added as one {@link io.loomvisor.kernel.syscall.socket.SocketFamily}. The sockets
 * themselves are descriptions of {@code vfs.socket} or glue to the network stack. Stateless; runs
 * on the calling task's thread.
 */
package io.loomvisor.kernel.syscall.socket;
