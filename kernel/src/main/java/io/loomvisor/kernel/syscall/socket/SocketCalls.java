package io.loomvisor.kernel.syscall.socket;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.syscall.file.At;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Making, naming and connecting sockets: socket(2) to shutdown(2). */
public final class SocketCalls {
  private static final int FLAGS = SocketAbi.SOCK_NONBLOCK | SocketAbi.SOCK_CLOEXEC;

  private final SocketFamilies families;

  public SocketCalls(SocketFamilies families) {
    this.families = families;
  }

  public void register(SyscallTable.Builder b) {
    String missing =
        "AF_UNIX; TCP and UDP of AF_INET and AF_INET6; NETLINK_ROUTE; NETLINK_SOCK_DIAG; AF_PACKET";
    b.partial(SyscallNumber.SOCKET, missing, this::socket);
    b.partial(SyscallNumber.SOCKETPAIR, missing, this::socketpair);
    b.full(SyscallNumber.BIND, SocketCalls::bind);
    b.full(SyscallNumber.LISTEN, SocketCalls::listen);
    b.full(SyscallNumber.ACCEPT, quick((t, a) -> accept(t, a, 0)));
    b.full(SyscallNumber.ACCEPT4, quick((t, a) -> accept(t, a, a.getInt(3))));
    b.full(SyscallNumber.CONNECT, SocketCalls::connect);
    b.full(SyscallNumber.GETSOCKNAME, quick((t, a) -> name(t, a, false)));
    b.full(SyscallNumber.GETPEERNAME, quick((t, a) -> name(t, a, true)));
    b.full(SyscallNumber.SHUTDOWN, SocketCalls::shutdown);
    new MessageCalls().register(b);
    new MultipleMessageCalls().register(b);
    new OptionCalls().register(b);
  }

  private static boolean closeOnExec(int flags) {
    return (flags & SocketAbi.SOCK_CLOEXEC) != 0;
  }

  /** SOCK_NONBLOCK has the value of O_NONBLOCK. */
  private static int statusFlags(int flags) {
    return flags & OpenFlags.O_NONBLOCK;
  }

  private SocketFamily family(Task task, int domain, int type) {
    if ((type & ~(SocketAbi.SOCK_TYPE_MASK | FLAGS)) != 0) {
      throw Errno.EINVAL.exception();
    }
    if (domain < 0 || domain >= SocketAbi.AF_MAX) {
      throw Errno.EAFNOSUPPORT.exception();
    }
    if ((type & SocketAbi.SOCK_TYPE_MASK) >= SocketAbi.SOCK_MAX) {
      throw Errno.EINVAL.exception();
    }
    return families.get(task.threadGroupId(), domain);
  }

  private long socket(Task task, SyscallArguments a) {
    int type = a.getInt(1);
    SocketDescription s =
        family(task, a.getInt(0), type)
            .create(task, type & SocketAbi.SOCK_TYPE_MASK, a.getInt(2), statusFlags(type));
    return OpenFile.install(task, s, closeOnExec(type));
  }

  private long socketpair(Task task, SyscallArguments a) {
    int type = a.getInt(1);
    SocketFamily family = family(task, a.getInt(0), type);
    SocketFamily.Pair pair =
        family.createPair(task, type & SocketAbi.SOCK_TYPE_MASK, a.getInt(2), statusFlags(type));
    int first;
    try {
      first = OpenFile.install(task, pair.first(), closeOnExec(type));
    } catch (RuntimeException | Error e) {
      pair.second().release();
      throw e;
    }
    int second;
    try {
      second = OpenFile.install(task, pair.second(), closeOnExec(type));
    } catch (RuntimeException | Error e) {
      remove(task, first);
      throw e;
    }
    byte[] both =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(first).putInt(second).array();
    try {
      task.memory().copyOut(a.get(3), both);
    } catch (LinuxException e) {
      remove(task, first);
      remove(task, second);
      throw e;
    }
    return 0;
  }

  private static void remove(Task task, int fd) {
    FileDescription d = task.descriptors().remove(fd);
    if (d != null) {
      d.release();
    }
  }

  private static long bind(Task task, SyscallArguments a) {
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      s.socket().bind(At.here(task), SocketAddresses.read(task, a.get(1), a.getInt(2)));
      return 0;
    }
  }

  private static long listen(Task task, SyscallArguments a) {
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      s.socket().listen(task, a.getInt(1));
      return 0;
    }
  }

  private static long accept(Task task, SyscallArguments a, int flags) {
    if ((flags & ~FLAGS) != 0) {
      throw Errno.EINVAL.exception();
    }
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      // Without a free descriptor the connection stays where it is.
      task.descriptors().requireFree(task.group().limits().openFiles());
      SocketDescription[] got = new SocketDescription[1];
      Blocking.run(
          task,
          s.socket(),
          Blocking.READ,
          () -> {
            got[0] = s.socket().accept();
            return 0;
          });
      SocketDescription connection = got[0];
      try {
        connection.setStatusFlags(statusFlags(flags));
        if (a.get(1) != 0) {
          SocketAddresses.write(task, acceptedFrom(connection), a.get(1), a.get(2));
        }
      } catch (RuntimeException | Error e) {
        connection.release();
        throw e;
      }
      return OpenFile.install(task, connection, closeOnExec(flags));
    }
  }

  private static byte[] acceptedFrom(SocketDescription connection) {
    try {
      return connection.acceptedFrom();
    } catch (LinuxException e) {
      throw Errno.ECONNABORTED.exception();
    }
  }

  private static long connect(Task task, SyscallArguments a) {
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      byte[] address = SocketAddresses.read(task, a.get(1), a.getInt(2));
      SocketDescription d = s.socket();
      WalkContext context = At.here(task);
      boolean done =
          Blocking.run(task, d, Blocking.WRITE, () -> d.connect(context, address) ? 1 : 0) != 0;
      if (!done) {
        awaitConnection(task, d);
      }
      return 0;
    }
  }

  private static void awaitConnection(Task task, SocketDescription d) {
    if ((d.statusFlags() & OpenFlags.O_NONBLOCK) != 0) {
      throw Errno.EINPROGRESS.exception();
    }
    try {
      Blocking.run(
          task,
          d,
          Blocking.WRITE,
          () -> {
            d.finishConnect();
            return 0;
          });
    } catch (LinuxException e) {
      throw e.errno() == Errno.EAGAIN ? Errno.EINPROGRESS.exception() : e;
    }
  }

  private static long name(Task task, SyscallArguments a, boolean peer) {
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      byte[] name = peer ? s.socket().peerName() : s.socket().localName();
      SocketAddresses.write(task, name, a.get(1), a.get(2));
      return 0;
    }
  }

  private static long shutdown(Task task, SyscallArguments a) {
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      s.socket().shutdown(a.getInt(1));
      return 0;
    }
  }
}
