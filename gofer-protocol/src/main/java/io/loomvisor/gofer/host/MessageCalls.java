package io.loomvisor.gofer.host;

import static io.loomvisor.gofer.host.DescriptorCalls.check;

import io.loomvisor.gofer.host.HostCall.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * sendmsg(2) and recvmsg(2) on sockets of the host's network that the sentry has been given, and
 * shutdown(2): calls that its filter has. None waits: EAGAIN. No signal is raised: EPIPE. Errors
 * are thrown.
 */
public final class MessageCalls {
  private static final int NR_SENDMSG = 46;
  private static final int NR_RECVMSG = 47;
  private static final int NR_SHUTDOWN = 48;

  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  // struct msghdr: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48.
  private static final int NAME_LENGTH = 8;
  private static final int IOV = 16;
  private static final int IOV_LENGTH = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;
  private static final int HEADER = 56;

  // What follows it in scratch memory.
  private static final int IOVEC = 64;
  private static final int ADDRESS = 128;
  private static final int CONTROL_DATA = 256;

  public static final int MAX_ADDRESS = 128;

  /** Bytes of control messages, with headers and padding. */
  public static final int MAX_CONTROL = 4096;

  private static final byte[] NONE = {};

  /**
   * What has been received.
   *
   * @param length bytes put into the buffer, or with MSG_TRUNC of the whole message
   * @param address empty if there is none
   * @param control control messages, as recvmsg(2) lays them out
   * @param flags msg_flags
   */
  public record Received(int length, byte[] address, byte[] control, int flags) {}

  private MessageCalls() {}

  /**
   * sendmsg(2) of the first {@code length} bytes of native {@code buffer}.
   *
   * @param address null for none
   * @param control control messages as they are laid out; empty for none
   */
  public static int send(
      int fd, MemorySegment buffer, long length, byte[] address, byte[] control, int flags) {
    java.util.Objects.checkFromIndexSize(0, length, buffer.byteSize());
    java.util.Objects.checkFromIndexSize(0, control.length, MAX_CONTROL);
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = header(scratch, buffer, length);
      if (address != null) {
        java.util.Objects.checkFromIndexSize(0, address.length, MAX_ADDRESS);
        MemorySegment.copy(address, 0, m, ValueLayout.JAVA_BYTE, ADDRESS, address.length);
        m.set(ValueLayout.JAVA_LONG, 0, m.address() + ADDRESS);
        m.set(ValueLayout.JAVA_INT, NAME_LENGTH, address.length);
      }
      if (control.length > 0) {
        MemorySegment.copy(control, 0, m, ValueLayout.JAVA_BYTE, CONTROL_DATA, control.length);
        m.set(ValueLayout.JAVA_LONG, CONTROL, m.address() + CONTROL_DATA);
        m.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH, control.length);
      }
      int all = flags | MSG_DONTWAIT | MSG_NOSIGNAL;
      return (int) check(HostCall.call(scratch, NR_SENDMSG, fd, m.address(), all, 0, 0, 0));
    } finally {
      scratch.give();
    }
  }

  /** recvmsg(2) into the first {@code room} bytes of native {@code buffer}. */
  public static Received receive(int fd, MemorySegment buffer, long room, int flags) {
    java.util.Objects.checkFromIndexSize(0, room, buffer.byteSize());
    Scratch scratch = Scratch.take();
    try {
      MemorySegment m = header(scratch, buffer, room);
      m.set(ValueLayout.JAVA_LONG, 0, m.address() + ADDRESS);
      m.set(ValueLayout.JAVA_INT, NAME_LENGTH, MAX_ADDRESS);
      m.set(ValueLayout.JAVA_LONG, CONTROL, m.address() + CONTROL_DATA);
      m.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH, MAX_CONTROL);
      int all = flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
      int n = (int) check(HostCall.call(scratch, NR_RECVMSG, fd, m.address(), all, 0, 0, 0));
      int name = Math.clamp(m.get(ValueLayout.JAVA_INT, NAME_LENGTH), 0, MAX_ADDRESS);
      long control = Math.clamp(m.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH), 0L, MAX_CONTROL);
      return new Received(
          n,
          bytes(m, ADDRESS, name),
          bytes(m, CONTROL_DATA, (int) control),
          m.get(ValueLayout.JAVA_INT, FLAGS) & ~MSG_CMSG_CLOEXEC);
    } finally {
      scratch.give();
    }
  }

  private static byte[] bytes(MemorySegment m, int at, int length) {
    if (length == 0) {
      return NONE;
    }
    byte[] bytes = new byte[length];
    MemorySegment.copy(m, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
    return bytes;
  }

  private static MemorySegment header(Scratch scratch, MemorySegment buffer, long length) {
    MemorySegment m = scratch.memory;
    m.asSlice(0, HEADER).fill((byte) 0);
    m.set(ValueLayout.JAVA_LONG, IOVEC, buffer.address());
    m.set(ValueLayout.JAVA_LONG, IOVEC + 8, length);
    m.set(ValueLayout.JAVA_LONG, IOV, m.address() + IOVEC);
    m.set(ValueLayout.JAVA_LONG, IOV_LENGTH, 1);
    return m;
  }

  /** shutdown(2). */
  public static void shutdown(int fd, int how) {
    check(HostCall.call(NR_SHUTDOWN, fd, how, 0, 0, 0, 0));
  }
}
