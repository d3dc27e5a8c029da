/**
 * What TCP and UDP endpoints share: errno and poll constants under their Linux names, socket
 * options, addresses with ports, and who uses which port.
 *
 * <p>{@link io.loomvisor.net.socket.PortTable} and {@link io.loomvisor.net.socket.EphemeralPorts}
 * may be used by any thread; each operation on a port is atomic.
 */
package io.loomvisor.net.socket;
