package io.loomvisor.vfs.socket;

import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** struct ucred: who is at the other end, or who sent a message. */
public record PeerCredentials(int pid, int uid, int gid) {
  /** sizeof(struct ucred). */
  public static final int SIZE = 12;

  /** SO_PEERCRED without a peer. */
  public static final PeerCredentials NOBODY = new PeerCredentials(0, -1, -1);

  /** A message that was sent while nobody asked for credentials: the overflow ids. */
  public static final PeerCredentials UNKNOWN = new PeerCredentials(0, 65534, 65534);

  /** What a message carries: the real ids (net/core/scm.c). */
  public static PeerCredentials ofSender(Caller caller) {
    Credentials c = caller.credentials();
    return new PeerCredentials(caller.threadGroupId(), c.uid(), c.gid());
  }

  /** What SO_PEERCRED shows to the peer: the effective ids (cred_to_ucred of net/core/sock.c). */
  public static PeerCredentials ofPeer(Caller caller) {
    Credentials c = caller.credentials();
    return new PeerCredentials(caller.threadGroupId(), c.euid(), c.egid());
  }

  public byte[] toBytes() {
    return ByteBuffer.allocate(SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(pid)
        .putInt(uid)
        .putInt(gid)
        .array();
  }
}
