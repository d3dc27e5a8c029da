package io.loomvisor.vfs.socket.unix;

import io.loomvisor.vfs.socket.PeerCredentials;
import io.loomvisor.vfs.socket.Rights;

/**
 * One message, or one piece of a stream, in a receiver's queue (Linux: sk_buff). Belongs to the
 * queue.
 */
final class Segment {
  /** Never changes, and nobody else has it. */
  final byte[] bytes;

  final UnixSocket sender;
  final PeerCredentials credentials;

  /** What the sender's buffer was charged with. */
  final int charge;

  int from;
  Rights rights;

  Segment(byte[] bytes, UnixSocket sender, PeerCredentials credentials, Rights rights, int charge) {
    this.bytes = bytes;
    this.sender = sender;
    this.credentials = credentials;
    this.rights = rights;
    this.charge = charge;
  }

  int length() {
    return bytes.length - from;
  }
}
