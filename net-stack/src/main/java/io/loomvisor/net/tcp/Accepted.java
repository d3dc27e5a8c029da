package io.loomvisor.net.tcp;

/** What accept(2) gives: an endpoint, or null and a negative errno. */
public record Accepted(TcpEndpoint endpoint, int error) {}
