/**
 * Bytes of the protocols and nothing else: no state, no sockets, no clocks.
 *
 * <p>Each protocol has a view and, where headers are built from values, a record. A view's {@code
 * check} says once whether the fixed fields and every length they announce lie inside the packet;
 * after a {@code true} its accessors cannot run out of the packet. A record can only be constructed
 * with values that can be written, and {@code write} always succeeds if the room its {@code length}
 * asks for is there.
 */
package io.loomvisor.net.wire;
