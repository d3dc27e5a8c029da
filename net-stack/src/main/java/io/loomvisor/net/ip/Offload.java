package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;

/** Does what a device was to do, for a link that does not. */
final class Offload {
  private Offload() {}

  /** Makes a transport checksum whole that holds the sum of the pseudo-header. */
  static void finish(PacketBuffer p) {
    byte[] a = p.array();
    int at = p.checksumStart;
    int sum = Checksum.finish(Checksum.add(0, a, at, p.end() - at));
    // RFC 768: a sum of zero is written as ones, as zero says that there is none.
    Bytes.put16(a, p.checksumField, sum == 0 ? 0xffff : sum);
    p.checksumStart = 0;
  }
}
