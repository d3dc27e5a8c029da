package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.socket.ControlMessage;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Writes control messages into the buffer of a recvmsg(2) (net/core/scm.c). */
final class ControlOutput {
  private final Task task;
  private final long start;
  private final long length;
  private final boolean closeOnExec;
  private long used;
  private boolean truncated;

  /**
   * @param start null for no buffer
   */
  ControlOutput(Task task, long start, long length, boolean closeOnExec) {
    this.task = task;
    this.start = start;
    this.length = start == 0 ? 0 : Math.max(0, length);
    this.closeOnExec = closeOnExec;
  }

  /** Bytes written, with padding. */
  long used() {
    return used;
  }

  /** MSG_CTRUNC if not all fitted. */
  int flags() {
    return truncated ? SocketAbi.MSG_CTRUNC : 0;
  }

  /** Writes all that came along; installs or releases the descriptors. */
  void write(Reception reception) {
    try {
      for (ControlMessage m : reception.others()) {
        put(m.level(), m.type(), m.data());
      }
      if (reception.credentials() != null) {
        put(SocketAbi.SOL_SOCKET, SocketAbi.SCM_CREDENTIALS, reception.credentials().toBytes());
      }
    } catch (LinuxException e) {
      reception.rights().release();
      throw e;
    }
    if (!reception.rights().isEmpty()) {
      putRights(reception.rights().files());
    }
  }

  /** What does not fit is cut off (put_cmsg). */
  private void put(int level, int type, byte[] data) {
    long left = length - used;
    if (left < ControlInput.HEADER) {
      truncated = true;
      return;
    }
    int whole = ControlInput.HEADER + data.length;
    int size = (int) Math.min(left, whole);
    truncated |= size < whole;
    ByteBuffer b = ByteBuffer.allocate(whole).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(size).putInt(level).putInt(type).put(data);
    task.memory().copyOut(start + used, java.util.Arrays.copyOf(b.array(), size));
    used += Math.min(left, aligned(whole));
  }

  private static long aligned(int size) {
    return size + 7 & ~7;
  }

  /** As many as fit get numbers; the others are closed (scm_detach_fds). */
  private void putRights(List<FileDescription> files) {
    long left = length - used;
    long fit = left < ControlInput.HEADER ? 0 : (left - ControlInput.HEADER) / Integer.BYTES;
    List<Integer> numbers = new ArrayList<>(files.size());
    int limit = task.group().limits().openFiles();
    int i = 0;
    for (; i < files.size() && i < fit; i++) {
      try {
        numbers.add(task.descriptors().install(files.get(i), 0, limit, closeOnExec));
      } catch (LinuxException e) {
        break;
      }
    }
    truncated |= i < files.size();
    for (FileDescription d : files.subList(i, files.size())) {
      d.release();
    }
    if (!numbers.isEmpty()) {
      ByteBuffer data =
          ByteBuffer.allocate(numbers.size() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      numbers.forEach(data::putInt);
      put(SocketAbi.SOL_SOCKET, SocketAbi.SCM_RIGHTS, data.array());
    }
  }
}
