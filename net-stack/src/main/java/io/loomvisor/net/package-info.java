/**
 * What embeds the stack sees: {@link io.loomvisor.net.NetStack} puts layers, links, addresses and
 * routes together; {@link io.loomvisor.net.TcpSocket}, {@link io.loomvisor.net.TcpListener} and
 * {@link io.loomvisor.net.UdpSocket} are blocking sockets for virtual threads.
 *
 * <p>The blocking sockets are thin: each is an endpoint ({@code tcp.TcpEndpoint}, {@code
 * udp.UdpEndpoint}) and a place where threads wait for its readiness events. Whoever has an own way
 * of waiting uses the endpoints directly; {@code io.loomvisor.net.tcp} states their contract.
 *
 * <p>A waiting thread holds no mailbox. Any number of threads may use one socket; a read and a
 * write do not hinder each other. Closing a socket wakes all who wait at it.
 */
package io.loomvisor.net;
