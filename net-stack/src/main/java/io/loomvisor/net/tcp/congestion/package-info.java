/**
 * Congestion control algorithms: how the window grows with acknowledgements and what a loss costs.
 * Pure arithmetic on a {@link io.loomvisor.net.tcp.congestion.CongestionWindow}; the connection's
 * mailbox owns it. When to call what is decided by {@code tcp.Recovery}.
 */
package io.loomvisor.net.tcp.congestion;
