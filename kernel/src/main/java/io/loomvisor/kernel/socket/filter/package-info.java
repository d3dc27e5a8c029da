/**
 * Classic BPF programs on sockets (socket(7): SO_ATTACH_FILTER): {@link
 * io.loomvisor.kernel.socket.filter.SocketFilter} is what one socket has attached. The machine is
 * {@code task.bpf}'s.
 */
package io.loomvisor.kernel.socket.filter;
