package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.socket.ControlMessage;
import io.loomvisor.vfs.socket.PeerCredentials;
import io.loomvisor.vfs.socket.Rights;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The control messages of a sendmsg(2), each with its header (cmsg(3)), eight bytes aligned:
 *
 * <pre>
 *   0        8       12     16
 *   | length | level | type | data
 * </pre>
 *
 * Holds references to the descriptors named until it is closed. The checks are net/core/scm.c's.
 */
final class ControlInput implements AutoCloseable {
  static final int HEADER = 16;

  /** net.core.optmem_max. */
  private static final int MAX = 131_072;

  private final List<FileDescription> files = new ArrayList<>(0);
  private final List<ControlMessage> others = new ArrayList<>(0);
  private PeerCredentials credentials;
  private Rights rights = Rights.NONE;

  private ControlInput() {}

  static ControlInput none() {
    return new ControlInput();
  }

  /**
   * Reads and checks. ENOBUFS if it is too long; EINVAL, EBADF, EPERM, ESRCH.
   *
   * @param unix whether the socket takes descriptors and credentials
   */
  static ControlInput read(Task task, MessageHeader header, boolean unix) {
    long length = header.controlLength();
    if (length < 0 || length >= MAX) {
      throw Errno.ENOBUFS.exception();
    }
    ControlInput control = new ControlInput();
    if (length == 0) {
      return control;
    }
    byte[] bytes = task.memory().copyIn(header.control(), (int) length);
    try {
      control.parse(task, bytes, unix);
    } catch (RuntimeException | Error e) {
      control.close();
      throw e;
    }
    return control;
  }

  private void parse(Task task, byte[] bytes, boolean unix) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (bytes.length - at >= HEADER) {
      long length = b.getLong(at);
      if (length < HEADER || length > bytes.length - at) {
        throw Errno.EINVAL.exception();
      }
      int level = b.getInt(at + 8);
      int type = b.getInt(at + 12);
      byte[] data = Arrays.copyOfRange(bytes, at + HEADER, at + (int) length);
      if (level == SocketAbi.SOL_SOCKET && unix) {
        add(task, type, data);
      } else if (!unix) {
        others.add(new ControlMessage(level, type, data));
      }
      at += (int) (length + 7 & ~7);
    }
    long limit = Integer.MAX_VALUE;
    Credentials who = task.credentials();
    if (!who.has(Credentials.CAP_SYS_RESOURCE) && !who.has(Credentials.CAP_SYS_ADMIN)) {
      limit = Math.min(limit, task.group().limits().soft(ResourceLimits.RLIMIT_NOFILE));
    }
    if (!files.isEmpty()) {
      rights = new Rights(List.copyOf(files), who.uid(), (int) limit);
    }
  }

  private void add(Task task, int type, byte[] data) {
    ByteBuffer b = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case SocketAbi.SCM_RIGHTS -> {
        int n = data.length / Integer.BYTES;
        if (n + files.size() > SocketAbi.SCM_MAX_FD) {
          throw Errno.EINVAL.exception();
        }
        for (int i = 0; i < n; i++) {
          files.add(task.descriptors().get(b.getInt(i * Integer.BYTES)));
        }
      }
      case SocketAbi.SCM_CREDENTIALS -> {
        if (data.length != PeerCredentials.SIZE) {
          throw Errno.EINVAL.exception();
        }
        credentials = checked(task, new PeerCredentials(b.getInt(0), b.getInt(4), b.getInt(8)));
      }
      default -> throw Errno.EINVAL.exception();
    }
  }

  /** Who may say that they are whom (scm_check_creds). */
  private static PeerCredentials checked(Task task, PeerCredentials claimed) {
    Credentials c = task.credentials();
    if (claimed.uid() == -1 || claimed.gid() == -1) {
      throw Errno.EINVAL.exception();
    }
    boolean pid = claimed.pid() == task.threadGroupId() || c.has(Credentials.CAP_SYS_ADMIN);
    boolean uid =
        claimed.uid() == c.uid()
            || claimed.uid() == c.euid()
            || claimed.uid() == c.suid()
            || c.has(Credentials.CAP_SETUID);
    boolean gid =
        claimed.gid() == c.gid()
            || claimed.gid() == c.egid()
            || claimed.gid() == c.sgid()
            || c.has(Credentials.CAP_SETGID);
    if (!pid || !uid || !gid) {
      throw Errno.EPERM.exception();
    }
    return claimed;
  }

  Rights rights() {
    return rights;
  }

  PeerCredentials credentials() {
    return credentials;
  }

  List<ControlMessage> others() {
    return others;
  }

  @Override
  public void close() {
    for (FileDescription d : files) {
      d.release();
    }
    files.clear();
  }
}
