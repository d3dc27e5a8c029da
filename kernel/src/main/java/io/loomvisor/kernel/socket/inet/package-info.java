/**
 * AF_INET and AF_INET6: descriptions that hand each call to an endpoint of the net-stack module.
 * {@link io.loomvisor.kernel.socket.inet.InetNetwork} is the stack of one sandbox, {@link
 * io.loomvisor.kernel.socket.inet.InetFamily} makes the sockets. The state is the endpoints', each
 * a mailbox of the stack; what is kept here are settings, one word each. Endpoints never wait and
 * report errors as negative numbers; here those become exceptions, and readiness events reach the
 * description's wait queue.
 */
package io.loomvisor.kernel.socket.inet;
