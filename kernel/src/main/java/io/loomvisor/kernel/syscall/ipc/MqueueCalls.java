package io.loomvisor.kernel.syscall.ipc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.ipc.mqueue.CookieDelivery;
import io.loomvisor.kernel.ipc.mqueue.PosixQueues;
import io.loomvisor.kernel.ipc.mqueue.SignalDelivery;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.mqueue.CookieReceiver;
import io.loomvisor.vfs.mqueue.MessageBox;
import io.loomvisor.vfs.mqueue.MqueueDescription;
import io.loomvisor.vfs.mqueue.MqueueLimits;
import io.loomvisor.vfs.mqueue.Notification;
import io.loomvisor.vfs.mqueue.QueueWaiter;
import io.loomvisor.vfs.mqueue.QueuedMessage;
import java.nio.ByteBuffer;

/**
 * mq_open(2), mq_unlink(2), mq_timedsend(2), mq_timedreceive(2), mq_notify(2), mq_getsetattr(2).
 *
 * <pre>
 *   struct mq_attr    0 flags  8 maxmsg  16 msgsize  24 curmsgs  32 … 63
 *   struct sigevent   0 value  8 signo   12 notify   16 … 63
 * </pre>
 */
public final class MqueueCalls {
  private static final int ATTR_SIZE = 64;
  private static final int SIGEVENT_SIZE = 64;
  private static final int SIGEV_SIGNAL = 0;
  private static final int SIGEV_NONE = 1;
  private static final int SIGEV_THREAD = 2;

  private final KernelContext kernel;
  private final PosixQueues queues;

  public MqueueCalls(KernelContext kernel) {
    this.kernel = kernel;
    this.queues = kernel.ipc().queues();
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.MQ_OPEN, this::open);
    b.full(SyscallNumber.MQ_UNLINK, this::unlink);
    String note = "waiting tasks are served in the order of arrival, whatever their priority";
    b.partial(SyscallNumber.MQ_TIMEDSEND, note, this::send);
    b.partial(SyscallNumber.MQ_TIMEDRECEIVE, note, this::receive);
    b.full(SyscallNumber.MQ_NOTIFY, this::notify);
    b.full(SyscallNumber.MQ_GETSETATTR, MqueueCalls::attributes);
  }

  private long open(Task task, SyscallArguments a) {
    int flags = a.getInt(1);
    MqueueLimits.Capacity capacity = null;
    if (a.get(3) != 0) {
      ByteBuffer attr = PermissionLayout.buffer(task.memory().copyIn(a.get(3), ATTR_SIZE));
      capacity = new MqueueLimits.Capacity(attr.getLong(8), attr.getLong(16));
    }
    String name = task.memory().copyInPath(a.get(0));
    FileDescription opened = queues.open(task, name, flags, a.getInt(2), capacity);
    // As do_mq_open(), which does not look at O_CLOEXEC.
    return OpenFile.install(task, opened, true);
  }

  private long unlink(Task task, SyscallArguments a) {
    queues.unlink(task, task.memory().copyInPath(a.get(0)));
    return 0;
  }

  /** The absolute time at {@code address} on the clock of {@link System#nanoTime}. */
  private long deadline(Task task, long address) {
    if (address == 0) {
      return Sleeper.FOREVER;
    }
    long at = TimeSpec.readTimespec(task.memory(), address);
    return at == Long.MAX_VALUE
        ? Sleeper.FOREVER
        : TimeSpec.deadline(System.nanoTime(), at - kernel.clocks().realtime());
  }

  private static MqueueDescription queue(OpenFile file) {
    if (file.description() instanceof MqueueDescription q) {
      return q;
    }
    throw Errno.EBADF.exception();
  }

  private static boolean nowait(FileDescription d) {
    return (d.statusFlags() & OpenFlags.O_NONBLOCK) != 0;
  }

  private long send(Task task, SyscallArguments a) {
    long deadline = deadline(task, a.get(4));
    long size = a.get(2);
    int priority = a.getInt(3);
    if (priority < 0 || priority >= MessageBox.PRIORITIES) {
      throw Errno.EINVAL.exception();
    }
    try (OpenFile file = OpenFile.writable(task, a.getInt(0))) {
      MqueueDescription queue = queue(file);
      MessageBox box = queue.box();
      if (Long.compareUnsigned(size, box.capacity().messageSize()) > 0) {
        throw Errno.EMSGSIZE.exception();
      }
      byte[] text = task.memory().copyIn(a.get(1), (int) size);
      QueueWaiter.Sender sender = new QueueWaiter.Sender(new QueuedMessage(priority, text));
      Notification due = box.send(sender, nowait(queue));
      await(task, box, sender, deadline);
      queue.inode().touched();
      if (due != null) {
        due.delivery().messageArrived(task.threadGroupId(), task.credentials().uid());
      }
      return 0;
    }
  }

  private long receive(Task task, SyscallArguments a) {
    long deadline = deadline(task, a.get(4));
    try (OpenFile file = OpenFile.readable(task, a.getInt(0))) {
      MqueueDescription queue = queue(file);
      MessageBox box = queue.box();
      if (Long.compareUnsigned(a.get(2), box.capacity().messageSize()) < 0) {
        throw Errno.EMSGSIZE.exception();
      }
      QueueWaiter.Receiver receiver = new QueueWaiter.Receiver();
      box.receive(receiver, nowait(queue));
      await(task, box, receiver, deadline);
      queue.inode().touched();
      QueuedMessage m = receiver.message();
      if (a.get(3) != 0) {
        task.memory().putInt(a.get(3), m.priority());
      }
      task.memory().copyOut(a.get(1), m.text());
      return m.text().length;
    }
  }

  private static void await(Task task, MessageBox box, QueueWaiter w, long deadline) {
    if (!w.done()) {
      try {
        Blocking.await(task, w.waiters(), 1, deadline, Errno.ETIMEDOUT, Errno.ERESTARTSYS, w::done);
      } catch (LinuxException e) {
        box.giveUp(w, e.errno());
      }
    }
    w.check();
  }

  private long notify(Task task, SyscallArguments a) {
    if (a.get(1) == 0) {
      try (OpenFile file = OpenFile.of(task, a.getInt(0))) {
        queue(file).box().unregister(task.group());
        return 0;
      }
    }
    ByteBuffer event = PermissionLayout.buffer(task.memory().copyIn(a.get(1), SIGEVENT_SIZE));
    long value = event.getLong(0);
    int number = event.getInt(8);
    int how = event.getInt(12);
    return switch (how) {
      case SIGEV_NONE, SIGEV_SIGNAL -> {
        // valid_signal(): 0 is one, and sends nothing.
        if (how == SIGEV_SIGNAL && (number < 0 || number > Signal.SIGRTMAX)) {
          throw Errno.EINVAL.exception();
        }
        int signal = how == SIGEV_SIGNAL ? number : 0;
        Notification.Delivery delivery =
            new SignalDelivery(kernel.processes(), task.group(), signal, value);
        register(task, a.getInt(0), how, number, delivery);
        yield 0;
      }
      case SIGEV_THREAD -> {
        byte[] cookie = task.memory().copyIn(value, CookieDelivery.COOKIE_SIZE);
        notifyThread(task, a.getInt(0), number, cookie);
        yield 0;
      }
      default -> throw Errno.EINVAL.exception();
    };
  }

  private static void register(
      Task task, int fd, int how, int signal, Notification.Delivery delivery) {
    try (OpenFile file = OpenFile.of(task, fd)) {
      MqueueDescription queue = queue(file);
      queue
          .box()
          .register(new Notification(task.group(), task.threadGroupId(), how, signal, delivery));
      queue.inode().touched();
    }
  }

  /** netlink_getsockbyfd(): EBADF, ENOTSOCK, EINVAL. */
  private static void notifyThread(Task task, int fd, int socketFd, byte[] cookie) {
    FileDescription socket = task.descriptors().get(socketFd);
    boolean registered = false;
    try {
      if ((socket.stat().mode() & FileMode.S_IFMT) != FileMode.S_IFSOCK) {
        throw Errno.ENOTSOCK.exception();
      }
      if (!(socket instanceof CookieReceiver)) {
        throw Errno.EINVAL.exception();
      }
      register(task, fd, SIGEV_THREAD, 0, new CookieDelivery(socket, cookie));
      registered = true;
    } finally {
      if (!registered) {
        socket.release();
      }
    }
  }

  private static long attributes(Task task, SyscallArguments a) {
    long flags = 0;
    if (a.get(1) != 0) {
      flags = PermissionLayout.buffer(task.memory().copyIn(a.get(1), ATTR_SIZE)).getLong(0);
      if ((flags & ~(long) OpenFlags.O_NONBLOCK) != 0) {
        throw Errno.EINVAL.exception();
      }
    }
    try (OpenFile file = OpenFile.of(task, a.getInt(0))) {
      MqueueDescription queue = queue(file);
      MqueueLimits.Capacity capacity = queue.box().capacity();
      ByteBuffer old = PermissionLayout.buffer(new byte[ATTR_SIZE]);
      old.putLong(0, queue.statusFlags() & OpenFlags.O_NONBLOCK)
          .putLong(8, capacity.messages())
          .putLong(16, capacity.messageSize())
          .putLong(24, queue.box().count());
      if (a.get(1) != 0) {
        queue.setStatusFlags(queue.statusFlags() & ~OpenFlags.O_NONBLOCK | (int) flags);
        queue.inode().touched();
      }
      if (a.get(2) != 0) {
        task.memory().copyOut(a.get(2), old.array());
      }
      return 0;
    }
  }
}
