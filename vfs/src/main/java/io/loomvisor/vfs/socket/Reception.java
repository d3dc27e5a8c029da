package io.loomvisor.vfs.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What one receiving call collects. A byte stream may add to it several times (MSG_WAITALL), until
 * it is {@link #ended}. One thread.
 */
public final class Reception {
  private final IoTarget target;
  private final int flags;
  private long copied;
  private long length;
  private boolean ended;
  private int resultFlags;
  private byte[] address;
  private Rights rights = Rights.NONE;
  private PeerCredentials credentials;
  private final List<ControlMessage> others = new ArrayList<>(0);

  /**
   * @param flags MSG_ flags of the call
   */
  public Reception(IoTarget target, int flags) {
    this.target = target;
    this.flags = flags;
  }

  public IoTarget target() {
    return target;
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** Bytes put into the target so far. */
  public long copied() {
    return copied;
  }

  /** What the call returns. */
  public long length() {
    return length;
  }

  /** More bytes of a stream. */
  public void add(long bytes) {
    copied += bytes;
    length += bytes;
  }

  /** A whole message: {@code full} bytes long, of which the target got {@code bytes}. */
  public void message(long bytes, long full) {
    copied = bytes;
    length = has(SocketAbi.MSG_TRUNC) ? full : bytes;
    if (full > bytes) {
      resultFlags |= SocketAbi.MSG_TRUNC;
    }
    ended = true;
  }

  /** {@code whole} is the message; EFAULT if the target cannot take what it has room for. */
  public void message(byte[] whole) {
    long wanted = Math.min(whole.length, target.remaining());
    long n = wanted == 0 ? 0 : target.put(MemorySegment.ofArray(whole), 0, wanted);
    if (n < wanted) {
      throw Errno.EFAULT.exception();
    }
    message(n, whole.length);
  }

  /** Nothing more may be added. */
  public void end() {
    ended = true;
  }

  public boolean ended() {
    return ended;
  }

  public void addFlags(int more) {
    resultFlags |= more;
  }

  /** MSG_ flags for msg_flags: MSG_TRUNC, MSG_EOR, … */
  public int resultFlags() {
    return resultFlags;
  }

  /** Where it came from; null if that has no address. */
  public byte[] address() {
    return address;
  }

  public void setAddress(byte[] from) {
    address = from;
  }

  /** Descriptors that came along, with references that go to whoever takes them from here. */
  public Rights rights() {
    return rights;
  }

  public void setRights(Rights received) {
    rights = received;
  }

  /** The sender; null if the socket does not pass credentials (SO_PASSCRED). */
  public PeerCredentials credentials() {
    return credentials;
  }

  public void setCredentials(PeerCredentials sender) {
    credentials = sender;
  }

  public List<ControlMessage> others() {
    return others;
  }
}
