package io.loomvisor.vfs.notify;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.KernelMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The watches and the queue of one instance. */
final class InotifyState extends Actor {
  /** What a watch keeps of the mask it was asked for with. */
  private static final int KEPT =
      NotifyEvents.IN_ALL_EVENTS | NotifyEvents.IN_ONESHOT | NotifyEvents.IN_EXCL_UNLINK;

  private final InotifyDescription instance;
  private final InotifyLimits limits;
  private final int uid;
  private final Map<Integer, Watch> byDescriptor = new HashMap<>();
  private final Map<Inode, Watch> byInode = new IdentityHashMap<>();
  private final ArrayDeque<NotifyEvent> queue = new ArrayDeque<>();
  private int lastDescriptor;
  private boolean overflowed;
  private boolean closed;

  /** Written in the actor, read by any. */
  private volatile long pendingBytes;

  InotifyState(InotifyDescription instance, InotifyLimits limits, int uid) {
    super(Rank.LEAF);
    this.instance = instance;
    this.limits = limits;
    this.uid = uid;
  }

  int addWatch(Inode inode, int mask) {
    return ask(
        () -> {
          Watch there = byInode.get(inode);
          if (there == null) {
            return enter(inode, mask & KEPT);
          }
          if ((mask & NotifyEvents.IN_MASK_CREATE) != 0) {
            throw Errno.EEXIST.exception();
          }
          boolean add = (mask & NotifyEvents.IN_MASK_ADD) != 0;
          there.setMask(mask & KEPT | (add ? there.mask() : 0));
          return there.wd();
        });
  }

  /** Descriptors are not used again, but for a wrap that takes 2^31 of them. */
  private int enter(Inode inode, int mask) {
    limits.takeWatch(uid);
    try {
      KernelMemory.unreserved().take(KernelMemory.WATCH, Errno.ENOSPC);
    } catch (LinuxException e) {
      limits.giveWatch(uid);
      throw e;
    }
    do {
      lastDescriptor = lastDescriptor == Integer.MAX_VALUE ? 1 : lastDescriptor + 1;
    } while (byDescriptor.containsKey(lastDescriptor));
    Watch made = new Watch(instance, inode, lastDescriptor, mask);
    byDescriptor.put(made.wd(), made);
    byInode.put(inode, made);
    inode.filesystem().watch().add(made);
    return made.wd();
  }

  void removeWatch(int wd) {
    ask(
        () -> {
          Watch w = byDescriptor.get(wd);
          if (w == null) {
            throw Errno.EINVAL.exception();
          }
          drop(w);
        });
  }

  private void drop(Watch w) {
    forget(w);
    enqueue(new NotifyEvent(w.wd(), NotifyEvents.IN_IGNORED, 0, ""));
  }

  private void forget(Watch w) {
    byDescriptor.remove(w.wd());
    byInode.remove(w.inode());
    w.inode().filesystem().watch().remove(w);
    limits.giveWatch(uid);
    KernelMemory.unreserved().give(KernelMemory.WATCH);
  }

  /** False if it is a watch no more. */
  boolean happened(Watch w, int event, int cookie, String name) {
    return ask(
        () -> {
          if (closed || byDescriptor.get(w.wd()) != w) {
            return false;
          }
          enqueue(new NotifyEvent(w.wd(), event, cookie, name));
          if (w.has(NotifyEvents.IN_ONESHOT)) {
            drop(w);
          }
          return true;
        });
  }

  boolean ended(Watch w, int event) {
    return ask(
        () -> {
          if (closed || byDescriptor.get(w.wd()) != w) {
            return false;
          }
          if (event != 0) {
            enqueue(new NotifyEvent(w.wd(), event, 0, ""));
          }
          drop(w);
          return true;
        });
  }

  private void enqueue(NotifyEvent e) {
    if (queue.size() >= limits.queuedEvents()) {
      overflow();
    } else if (queue.isEmpty() || !e.repeats(queue.getLast())) {
      if (KernelMemory.unreserved().tryTake(e.memory())) {
        append(e);
      } else {
        overflow();
      }
    }
  }

  private void overflow() {
    if (!overflowed) {
      overflowed = true;
      append(NotifyEvent.OVERFLOW);
    }
  }

  private void append(NotifyEvent e) {
    queue.addLast(e);
    pendingBytes += e.size();
  }

  /** Takes what fits into {@code room}: EINVAL if not even the first does, EAGAIN. */
  List<NotifyEvent> take(long room) {
    return ask(
        () -> {
          if (queue.isEmpty()) {
            throw Errno.EAGAIN.exception();
          }
          List<NotifyEvent> taken = new ArrayList<>();
          long left = room;
          while (!queue.isEmpty() && queue.getFirst().size() <= left) {
            NotifyEvent e = queue.removeFirst();
            taken.add(e);
            KernelMemory.unreserved().give(e.memory());
            left -= e.size();
            overflowed &= e != NotifyEvent.OVERFLOW;
          }
          if (taken.isEmpty()) {
            throw Errno.EINVAL.exception();
          }
          pendingBytes -= room - left;
          return taken;
        });
  }

  long pendingBytes() {
    return pendingBytes;
  }

  void close() {
    ask(
        () -> {
          closed = true;
          queue.forEach(e -> KernelMemory.unreserved().give(e.memory()));
          queue.clear();
          List.copyOf(byDescriptor.values()).forEach(this::forget);
        });
  }
}
