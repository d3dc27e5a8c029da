package io.loomvisor.vfs.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.io.IoSource;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A message on its way into a socket.
 *
 * @param data what is left of it to be sent
 * @param address where to; null if the call names none
 * @param flags MSG_ flags
 * @param rights stay the caller's: a socket that keeps them takes references of its own
 * @param credentials named by SCM_CREDENTIALS and checked; null if not named
 * @param others further control messages
 */
public record Sending(
    IoSource data,
    byte[] address,
    int flags,
    Rights rights,
    PeerCredentials credentials,
    List<ControlMessage> others) {
  public static Sending plain(IoSource data, int flags) {
    return new Sending(data, null, flags, Rights.NONE, null, List.of());
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** Copies the next {@code length} bytes of the data, all or none: EFAULT. */
  public byte[] read(int length) {
    byte[] bytes = new byte[length];
    long n = length == 0 ? 0 : data.get(MemorySegment.ofArray(bytes), 0, length);
    if (n < length) {
      data.back(n);
      throw Errno.EFAULT.exception();
    }
    return bytes;
  }

  /**
   * The rest of it, after a first part has taken descriptors and other control data along, and has
   * made the connection (MSG_FASTOPEN).
   */
  public Sending rest() {
    int later = flags & ~SocketAbi.MSG_FASTOPEN;
    return rights.isEmpty() && others.isEmpty() && later == flags
        ? this
        : new Sending(data, address, later, Rights.NONE, credentials, List.of());
  }
}
