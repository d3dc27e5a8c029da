/**
 * The sandbox's network as far as it comes from the host: what the sentry's network namespace has
 * been given is read with {@link io.loomvisor.runtime.network.RouteNetlink}, and {@link
 * io.loomvisor.runtime.network.Takeover} moves it into the sandbox's own stack. All of it happens
 * before the sentry locks itself in; what is left then is one descriptor for each interface, which
 * belongs to the stack's link, and the resolver's. No state of its own.
 */
package io.loomvisor.runtime.network;
