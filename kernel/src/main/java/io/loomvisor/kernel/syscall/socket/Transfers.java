package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.syscall.Signals;
import io.loomvisor.kernel.syscall.file.At;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;

/** Sends and receives whole calls' worth: waits as flags and options say, raises SIGPIPE. */
final class Transfers {
  private Transfers() {}

  private static boolean waits(SocketDescription s, int flags) {
    return (flags & SocketAbi.MSG_DONTWAIT) == 0 && (s.statusFlags() & OpenFlags.O_NONBLOCK) == 0;
  }

  /** A stream takes all before it returns if it may wait; what was sent wins over errors. */
  static long send(Task task, SocketDescription s, Sending whole) {
    boolean wait = waits(s, whole.flags());
    if (wait && s.type() == SocketAbi.SOCK_STREAM) {
      task.requireOwnThread(); // it may have to wait when the first part has been taken
    }
    WalkContext context = At.here(task);
    Sending message = whole;
    long total = 0;
    try {
      for (; ; ) {
        Sending part = message;
        total += Blocking.run(task, s, Blocking.WRITE, wait, () -> s.send(context, part));
        boolean more = s.type() == SocketAbi.SOCK_STREAM && part.data().remaining() > 0;
        if (!wait || !more) {
          return total;
        }
        message = part.rest();
      }
    } catch (LinuxException e) {
      if (e.errno() == Errno.EPIPE
          && !whole.has(SocketAbi.MSG_NOSIGNAL)
          && s.raisesSigpipe(total)) {
        Signals.raise(task, Signal.SIGPIPE);
      }
      if (total > 0) {
        return total;
      }
      throw e;
    }
  }

  /** Receives until there is enough: one byte, SO_RCVLOWAT, or with MSG_WAITALL all. */
  static void receive(Task task, SocketDescription s, Reception r, int flags) {
    // Urgent data and queued errors are there or not.
    boolean never = (flags & (SocketAbi.MSG_OOB | SocketAbi.MSG_ERRQUEUE)) != 0;
    boolean wait = !never && waits(s, flags);
    long room = r.target().remaining();
    long least =
        (flags & SocketAbi.MSG_WAITALL) != 0
            ? room
            : Math.min(room, s.options().number(SocketAbi.SO_RCVLOWAT));
    if (wait && least > 1) {
      task.requireOwnThread(); // it may have to wait when the first part has come
    }
    try {
      do {
        Blocking.run(task, s, Blocking.READ, wait, () -> attempt(s, r, wait));
      } while (!r.ended() && r.copied() < least);
    } catch (LinuxException e) {
      if (r.copied() == 0) {
        throw e;
      }
    }
  }

  private static long attempt(SocketDescription s, Reception r, boolean wait) {
    try {
      s.receive(r);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN && wait && s.readsEnd()) {
        r.end();
        return 0;
      }
      throw e;
    }
    return 0;
  }
}
