/**
 * Socket calls: address and control-message layouts, and the registry of address families. The
 * sockets themselves are descriptions of {@code vfs.socket} or glue to the network stack.
 */
package io.loomvisor.kernel.syscall.socket;
