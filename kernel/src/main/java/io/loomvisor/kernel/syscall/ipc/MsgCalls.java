package io.loomvisor.kernel.syscall.ipc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.ipc.IpcFlags;
import io.loomvisor.kernel.ipc.msg.Message;
import io.loomvisor.kernel.ipc.msg.MessageQueue;
import io.loomvisor.kernel.ipc.msg.MessageQueues;
import io.loomvisor.kernel.ipc.msg.Selector;
import io.loomvisor.kernel.ipc.msg.Waiter;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * msgget(2), msgsnd(2), msgrcv(2), msgctl(2). A message in application memory is a 64-bit type and
 * its text. struct msqid64_ds:
 *
 * <pre>
 *   0      48      56      64      72       80     88       96      100     104 … 119
 *   | perm | stime | rtime | ctime | cbytes | qnum | qbytes | lspid | lrpid | 0      |
 * </pre>
 */
public final class MsgCalls {
  private static final int MSG_STAT = 11;
  private static final int MSG_INFO = 12;
  private static final int MSG_STAT_ANY = 13;
  private static final int MSG_NOERROR = 010000;
  private static final int MSG_COPY = 040000;
  private static final int MSQID_DS_SIZE = 120;
  private static final int MSGINFO_SIZE = 32;

  /** Historical fields of struct msginfo: MSGPOOL's and MSGMAP's formulas, MSGSSZ, MSGSEG. */
  private static final int MSGSSZ = 16;

  private static final int MSGSEG = 0xffff;

  private final MessageQueues queues;

  public MsgCalls(MessageQueues queues) {
    this.queues = queues;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.MSGGET, this::get);
    b.full(SyscallNumber.MSGSND, this::send);
    b.full(SyscallNumber.MSGRCV, this::receive);
    b.full(SyscallNumber.MSGCTL, this::control);
  }

  private long get(Task task, SyscallArguments a) {
    return queues.get(a.getInt(0), a.getInt(1), task.credentials()).id();
  }

  private long send(Task task, SyscallArguments a) {
    long address = a.get(1);
    long size = a.get(2);
    long type = task.memory().getLong(address);
    if (Long.compareUnsigned(size, queues.limits().messageBytes()) > 0
        || a.getInt(0) < 0
        || type < 1) {
      throw Errno.EINVAL.exception();
    }
    byte[] text = task.memory().copyIn(address + Long.BYTES, (int) size);
    MessageQueue queue = queues.table().find(a.getInt(0));
    Waiter.Sender sender = new Waiter.Sender(new Message(type, text), task.threadGroupId());
    queue.send(sender, task.credentials(), (a.getInt(3) & IpcFlags.IPC_NOWAIT) != 0);
    await(task, queue, sender);
    return 0;
  }

  /** Neither call is restarted after a handler has run (signal(7)). */
  private static void await(Task task, MessageQueue queue, Waiter w) {
    if (!w.done()) {
      try {
        Blocking.await(
            task, w.waiters(), 1, Sleeper.FOREVER, Errno.EAGAIN, Errno.ERESTARTNOHAND, w::done);
      } catch (LinuxException e) {
        queue.giveUp(w, e.errno());
      }
    }
    w.check();
  }

  private long receive(Task task, SyscallArguments a) {
    long room = a.get(2);
    int flags = a.getInt(4);
    if (a.getInt(0) < 0 || room < 0) {
      throw Errno.EINVAL.exception();
    }
    boolean nowait = (flags & IpcFlags.IPC_NOWAIT) != 0;
    boolean cuts = (flags & MSG_NOERROR) != 0;
    Credentials who = task.credentials();
    Message m;
    if ((flags & MSG_COPY) != 0) {
      if ((flags & Selector.MSG_EXCEPT) != 0 || !nowait) {
        throw Errno.EINVAL.exception();
      }
      MessageQueue queue = queues.table().find(a.getInt(0));
      m = queue.peek(new Selector.Position(a.get(3)), room, cuts, who);
    } else {
      MessageQueue queue = queues.table().find(a.getInt(0));
      Selector selector = Selector.of(a.get(3), flags);
      Waiter.Receiver receiver = new Waiter.Receiver(selector, room, cuts, task.threadGroupId());
      queue.receive(receiver, who, nowait);
      await(task, queue, receiver);
      m = receiver.message();
    }
    int length = (int) Math.min(room, m.text().length);
    task.memory().putLong(a.get(1), m.type());
    task.memory()
        .copyOut(a.get(1) + Long.BYTES, MemorySegment.ofArray(m.text()).asSlice(0, length));
    return length;
  }

  private long control(Task task, SyscallArguments a) {
    int id = a.getInt(0);
    int command = a.getInt(1);
    if (id < 0 || command < 0) {
      throw Errno.EINVAL.exception();
    }
    return switch (command) {
      case IpcFlags.IPC_INFO, MSG_INFO -> limits(task, command == MSG_INFO, a.get(2));
      case IpcFlags.IPC_STAT -> status(task, queues.table().find(id), 0, true, a.get(2));
      case MSG_STAT -> {
        MessageQueue q = queues.table().atIndex(id);
        yield status(task, q, q.id(), true, a.get(2));
      }
      case MSG_STAT_ANY -> {
        MessageQueue q = queues.table().atIndex(id);
        yield status(task, q, q.id(), false, a.get(2));
      }
      case IpcFlags.IPC_SET -> {
        ByteBuffer b = PermissionLayout.buffer(task.memory().copyIn(a.get(2), MSQID_DS_SIZE));
        queues
            .table()
            .find(id)
            .change(
                task.credentials(),
                PermissionLayout.uid(b),
                PermissionLayout.gid(b),
                PermissionLayout.mode(b),
                b.getLong(88),
                queues.limits().queueBytes());
        yield 0;
      }
      case IpcFlags.IPC_RMID -> {
        MessageQueue q = queues.table().find(id);
        q.permission().requireOwner(task.credentials());
        queues.remove(q);
        yield 0;
      }
      default -> throw Errno.EINVAL.exception();
    };
  }

  /** struct msginfo; MSG_INFO has queues, messages and bytes there are in three of its words. */
  private long limits(Task task, boolean use, long address) {
    int most = (int) queues.limits().queues();
    int capacity = (int) queues.limits().queueBytes();
    int count = 0;
    long messages = 0;
    long bytes = 0;
    for (MessageQueue q : queues.table().all()) {
      MessageQueue.Status s = q.status();
      count++;
      messages += s.messages();
      bytes += s.bytes();
    }
    ByteBuffer b = PermissionLayout.buffer(new byte[MSGINFO_SIZE]);
    b.putInt(use ? count : (int) ((long) most * capacity / 1024))
        .putInt(use ? (int) messages : capacity)
        .putInt((int) queues.limits().messageBytes())
        .putInt(capacity)
        .putInt(most)
        .putInt(MSGSSZ)
        .putInt(use ? (int) bytes : capacity)
        .putShort((short) MSGSEG);
    task.memory().copyOut(address, b.array());
    return queues.table().maxIndex();
  }

  private static long status(Task task, MessageQueue q, long result, boolean check, long address) {
    if (check) {
      q.permission().check(task.credentials(), IpcFlags.READ);
    }
    MessageQueue.Status s = q.status();
    ByteBuffer b = PermissionLayout.structure(MSQID_DS_SIZE, q.permission(), q.id());
    b.putLong(48, s.sendTime())
        .putLong(56, s.receiveTime())
        .putLong(64, s.changeTime())
        .putLong(72, s.bytes())
        .putLong(80, s.messages())
        .putLong(88, s.capacity())
        .putInt(96, s.lastSender())
        .putInt(100, s.lastReceiver());
    task.memory().copyOut(address, b.array());
    return result;
  }
}
