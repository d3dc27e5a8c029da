/**
 * The sandbox's network as far as it comes from the host: what the sentry's network namespace has
 * been given is read with {@link io.loomvisor.runtime.network.RouteNetlink}, and {@link
 * io.loomvisor.runtime.network.Takeover} moves it into the sandbox's own stack. That happens before
 * the sentry locks itself in. {@link io.loomvisor.runtime.network.InterfaceWatch} follows what
 * becomes of the namespace, and {@link io.loomvisor.runtime.network.NetworkKeeper}, another
 * process, makes the sockets that are needed later. State is the watch's thread's.
 */
package io.loomvisor.runtime.network;
