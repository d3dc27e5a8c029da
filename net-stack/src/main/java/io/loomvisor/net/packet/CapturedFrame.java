package io.loomvisor.net.packet;

import io.loomvisor.net.wire.MacAddress;

/**
 * A frame that an endpoint has taken.
 *
 * @param data what was kept of it
 * @param length what there was of it
 * @param networkOffset where the network header is in it
 * @param protocol EtherType
 * @param source Ethernet address of the sender
 * @param checksumPending the transport checksum is not there yet
 * @param time wall-clock nanoseconds since 1970
 */
public record CapturedFrame(
    byte[] data,
    int length,
    int networkOffset,
    int protocol,
    int nicId,
    PacketType type,
    MacAddress source,
    boolean checksumPending,
    long time) {}
