package io.loomvisor.kernel.syscall.socket;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Rights;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import java.util.List;

/** sendto(2), recvfrom(2), sendmsg(2), recvmsg(2). */
final class MessageCalls {
  private static final String NO_OOB = "AF_UNIX: no MSG_OOB; MSG_ERRQUEUE of UDP only";

  void register(SyscallTable.Builder b) {
    b.partial(SyscallNumber.SENDTO, "AF_UNIX: no MSG_OOB", quick(MessageCalls::sendto));
    b.partial(SyscallNumber.RECVFROM, NO_OOB, quick(MessageCalls::recvfrom));
    b.partial(
        SyscallNumber.SENDMSG,
        "AF_UNIX: no MSG_OOB",
        quick((t, a) -> send(t, a.getInt(0), a.get(1), a.getInt(2))));
    b.partial(
        SyscallNumber.RECVMSG,
        NO_OOB,
        quick((t, a) -> receive(t, a.getInt(0), a.get(1), a.getInt(2))));
  }

  private static long sendto(Task task, SyscallArguments a) {
    IoSource data = task.memory().source(a.get(1), a.get(2));
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      byte[] address =
          a.get(4) == 0 || a.getInt(5) == 0
              ? null
              : SocketAddresses.read(task, a.get(4), a.getInt(5));
      return Transfers.send(
          task, s.socket(), new Sending(data, address, a.getInt(3), Rights.NONE, null, List.of()));
    }
  }

  private static long recvfrom(Task task, SyscallArguments a) {
    Reception r = new Reception(task.memory().target(a.get(1), a.get(2)), a.getInt(3));
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      Transfers.receive(task, s.socket(), r, a.getInt(3));
      // Nothing takes descriptors here.
      r.rights().release();
      if (a.get(4) != 0) {
        SocketAddresses.write(task, r.address(), a.get(4), a.get(5));
      }
      return r.length();
    }
  }

  private static long send(Task task, int fd, long header, int flags) {
    try (OpenSocket s = OpenSocket.of(task, fd)) {
      return send(task, s.socket(), header, flags);
    }
  }

  /** Sends what the struct msghdr at {@code header} describes. */
  static long send(Task task, SocketDescription socket, long header, int flags) {
    MessageHeader h = MessageHeader.read(task, header);
    byte[] address =
        h.nameLength() == 0
            ? null
            : SocketAddresses.read(task, h.name(), Math.min(h.nameLength(), SocketAbi.ADDRESS_MAX));
    IoSource data = task.memory().sourceVector(h.vector(), h.count());
    boolean unix = socket.domain() == SocketAbi.AF_UNIX;
    try (ControlInput c = ControlInput.read(task, h, unix)) {
      return Transfers.send(
          task, socket, new Sending(data, address, flags, c.rights(), c.credentials(), c.others()));
    }
  }

  private static long receive(Task task, int fd, long header, int flags) {
    try (OpenSocket s = OpenSocket.of(task, fd)) {
      return receive(task, s.socket(), header, flags);
    }
  }

  /** Receives into what the struct msghdr at {@code header} describes. */
  static long receive(Task task, SocketDescription socket, long header, int flags) {
    MessageHeader h = MessageHeader.read(task, header);
    Reception r = new Reception(task.memory().targetVector(h.vector(), h.count()), flags);
    Transfers.receive(task, socket, r, flags);
    int closeOnExec = flags & SocketAbi.MSG_CMSG_CLOEXEC;
    ControlOutput control =
        new ControlOutput(task, h.control(), h.controlLength(), closeOnExec != 0);
    control.write(r);
    if (h.name() != 0) {
      int n = SocketAddresses.writeWithin(task, r.address(), h.name(), h.nameLength());
      h.writeNameLength(task.memory(), n);
    }
    h.writeFlags(task.memory(), closeOnExec | r.resultFlags() | control.flags());
    h.writeControlLength(task.memory(), control.used());
    return r.length();
  }
}
