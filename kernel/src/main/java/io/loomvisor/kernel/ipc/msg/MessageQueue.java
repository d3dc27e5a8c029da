package io.loomvisor.kernel.ipc.msg;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.ipc.IpcFlags;
import io.loomvisor.kernel.ipc.IpcObject;
import io.loomvisor.kernel.ipc.IpcPermission;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.KernelMemory;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** One message queue. */
public final class MessageQueue extends Actor implements IpcObject {
  private static final long MILLIS = 1000;

  /** What a message takes of the heap beside its text. */
  private static final int MESSAGE_OVERHEAD = 64;

  private final int id;
  private final AtomicReference<IpcPermission> permission;
  private final List<Message> messages = new ArrayList<>();
  private final List<Waiter.Sender> senders = new ArrayList<>();
  private final List<Waiter.Receiver> receivers = new ArrayList<>();
  private long capacity;
  private long bytes;
  private int lastSender;
  private int lastReceiver;
  private long sendTime;
  private long receiveTime;
  private long changeTime = now();
  private boolean removed;

  /**
   * @param capacity bytes it may hold: MSGMNB
   */
  MessageQueue(int id, IpcPermission permission, long capacity) {
    super(Rank.IPC_OBJECT);
    this.id = id;
    this.permission = new AtomicReference<>(permission);
    this.capacity = capacity;
  }

  private static long now() {
    return System.currentTimeMillis() / MILLIS;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public IpcPermission permission() {
    return permission.get();
  }

  /**
   * What IPC_STAT shows beside the permission. Times in seconds since the Epoch, 0 for never.
   *
   * @param bytes of all messages
   * @param capacity msg_qbytes
   */
  public record Status(
      long bytes,
      long messages,
      long capacity,
      int lastSender,
      int lastReceiver,
      long sendTime,
      long receiveTime,
      long changeTime) {}

  public Status status() {
    return ask(
        () ->
            new Status(
                bytes,
                messages.size(),
                capacity,
                lastSender,
                lastReceiver,
                sendTime,
                receiveTime,
                changeTime));
  }

  @Override
  public void removed() {
    ask(
        () -> {
          removed = true;
          messages.forEach(m -> KernelMemory.unreserved().give(memory(m)));
          messages.clear();
          senders.forEach(s -> s.complete(Errno.EIDRM));
          receivers.forEach(r -> r.complete(Errno.EIDRM));
          senders.clear();
          receivers.clear();
        });
  }

  /**
   * msgsnd(2): done when it returns, or {@code sender} is queued. EACCES, EIDRM; EAGAIN if it must
   * not wait.
   */
  public void send(Waiter.Sender sender, Credentials who, boolean nowait) {
    ask(
        () -> {
          permission().check(who, IpcFlags.WRITE);
          requireExisting();
          if (hasRoom(sender.message())) {
            enter(sender);
          } else if (nowait) {
            throw Errno.EAGAIN.exception();
          } else {
            sender.waitsAs(who);
            senders.add(sender);
          }
        });
  }

  private void requireExisting() {
    if (removed) {
      throw Errno.EIDRM.exception();
    }
  }

  /** Empty messages are bounded too: no more of them than bytes. */
  private boolean hasRoom(Message m) {
    return m.text().length + bytes <= capacity && messages.size() + 1 <= capacity;
  }

  private static long memory(Message m) {
    return MESSAGE_OVERHEAD + m.text().length;
  }

  private void enter(Waiter.Sender sender) {
    lastSender = sender.process();
    sendTime = now();
    Message m = sender.message();
    if (!handOver(m)) {
      if (!KernelMemory.unreserved().tryTake(memory(m))) {
        sender.complete(Errno.ENOMEM);
        return;
      }
      messages.add(m);
      bytes += m.text().length;
    }
    sender.complete(null);
  }

  /** pipelined_send(): receivers it is too long for fail and are passed over. */
  private boolean handOver(Message m) {
    Iterator<Waiter.Receiver> i = receivers.iterator();
    while (i.hasNext()) {
      Waiter.Receiver r = i.next();
      if (!r.selector().accepts(m.type())) {
        continue;
      }
      i.remove();
      if (r.fits(m)) {
        received(r);
        r.take(m);
        return true;
      }
      r.complete(Errno.E2BIG);
    }
    return false;
  }

  private void received(Waiter.Receiver r) {
    lastReceiver = r.process();
    receiveTime = now();
  }

  /**
   * msgrcv(2): done when it returns, or {@code receiver} is queued. EACCES, EIDRM, E2BIG; ENOMSG if
   * it must not wait.
   */
  public void receive(Waiter.Receiver receiver, Credentials who, boolean nowait) {
    ask(
        () -> {
          permission().check(who, IpcFlags.READ);
          requireExisting();
          int at = receiver.selector().choose(messages);
          if (at < 0) {
            if (nowait) {
              throw Errno.ENOMSG.exception();
            }
            receiver.waitsAs(who);
            receivers.add(receiver);
            return;
          }
          Message m = messages.get(at);
          if (!receiver.fits(m)) {
            throw Errno.E2BIG.exception();
          }
          messages.remove(at);
          KernelMemory.unreserved().give(memory(m));
          bytes -= m.text().length;
          received(receiver);
          receiver.take(m);
          admitSenders();
        });
  }

  /** MSG_COPY: what is at the position, which stays there. ENOMSG, E2BIG, EINVAL. */
  public Message peek(Selector.Position position, long room, boolean cuts, Credentials who) {
    Supplier<Message> look =
        () -> {
          permission().check(who, IpcFlags.READ);
          requireExisting();
          int at = position.choose(messages);
          if (at < 0) {
            throw Errno.ENOMSG.exception();
          }
          Message m = messages.get(at);
          if (m.text().length > room) {
            // copy_msg() does not cut.
            throw cuts ? Errno.EINVAL.exception() : Errno.E2BIG.exception();
          }
          return m;
        };
    return ask(look);
  }

  private void admitSenders() {
    Iterator<Waiter.Sender> i = senders.iterator();
    while (i.hasNext()) {
      Waiter.Sender s = i.next();
      if (hasRoom(s.message())) {
        i.remove();
        enter(s);
      }
    }
  }

  /** The wait is over before its time; what has been done meanwhile stays. */
  public void giveUp(Waiter waiter, Errno reason) {
    ask(
        () -> {
          boolean waited =
              switch (waiter) {
                case Waiter.Sender s -> senders.remove(s);
                case Waiter.Receiver r -> receivers.remove(r);
              };
          if (waited) {
            waiter.complete(reason);
          }
        });
  }

  /**
   * IPC_SET. Those who wait and have no right to any more fail with EACCES.
   *
   * @param limit MSGMNB: more needs CAP_SYS_RESOURCE
   */
  public void change(Credentials who, int uid, int gid, int mode, long newCapacity, long limit) {
    permission().requireOwner(who);
    if (Long.compareUnsigned(newCapacity, limit) > 0 && !who.has(Credentials.CAP_SYS_RESOURCE)) {
      throw Errno.EPERM.exception();
    }
    ask(
        () -> {
          requireExisting();
          permission.set(permission().changed(uid, gid, mode));
          capacity = newCapacity < 0 ? Long.MAX_VALUE : newCapacity;
          changeTime = now();
          senders.removeIf(s -> failsWithout(s, IpcFlags.WRITE));
          receivers.removeIf(r -> failsWithout(r, IpcFlags.READ));
          admitSenders();
        });
  }

  private boolean failsWithout(Waiter waiter, int right) {
    try {
      permission().check(waiter.who(), right);
      return false;
    } catch (LinuxException e) {
      waiter.complete(e.errno());
      return true;
    }
  }
}
