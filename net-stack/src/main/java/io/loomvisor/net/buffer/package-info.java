/**
 * Packets on their way through the stack. A {@link io.loomvisor.net.buffer.PacketBuffer} has
 * exactly one owner at a time: whoever is given it must pass it on or {@code release()} it. Buffers
 * live on the heap and are pooled.
 */
package io.loomvisor.net.buffer;
