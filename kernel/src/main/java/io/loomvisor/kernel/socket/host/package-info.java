/**
 * AF_INET and AF_INET6 in the host's network ({@code --network host}), beside {@code
 * kernel.socket.inet} and behind the same interface. A {@link
 * io.loomvisor.kernel.socket.host.HostSocket} is a socket of the host: a socket gofer ({@code
 * gofer.server.SocketGofer}) makes, names and connects it and gives the sentry a descriptor, on
 * which that sends and receives by itself. Its state is the host's kernel's. {@link
 * io.loomvisor.kernel.socket.host.HostNetwork} has the connection to the gofer; what the gofer
 * hears of readiness it tells, and a thread there passes it on to the sockets' wait queues.
 */
package io.loomvisor.kernel.socket.host;
