package io.loomvisor.vfs.notify;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.event.AnonymousDescription;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** inotify_init(2): an instance, with the watches and the events of its {@link InotifyState}. */
public final class InotifyDescription extends AnonymousDescription {
  private static final int FIONREAD = 0x541b;
  private static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;

  private final InotifyState state;
  private final InotifyLimits limits;
  private final int uid;

  /**
   * @param uid whose limits count; EMFILE
   * @param flags O_NONBLOCK
   */
  public InotifyDescription(InotifyLimits limits, int uid, int flags) {
    super("inotify", OpenFlags.O_RDONLY | flags);
    limits.takeInstance(uid);
    this.limits = limits;
    this.uid = uid;
    this.state = new InotifyState(this, limits, uid);
  }

  /**
   * inotify_add_watch(2): the watch descriptor. ENOSPC, EEXIST.
   *
   * @param mask IN_ bits, checked
   */
  public int addWatch(Inode inode, int mask) {
    return state.addWatch(inode, mask);
  }

  /** inotify_rm_watch(2): EINVAL. */
  public void removeWatch(int wd) {
    state.removeWatch(wd);
    waitQueue().notifyEvents(READABLE);
  }

  /** An event that {@code watch} asks for. */
  void happened(Watch watch, int event, int cookie, String name) {
    if (state.happened(watch, event, cookie, name)) {
      waitQueue().notifyEvents(READABLE);
    }
  }

  /**
   * What is watched is gone.
   *
   * @param event said before IN_IGNORED; 0 for none
   */
  void ended(Watch watch, int event) {
    if (state.ended(watch, event)) {
      waitQueue().notifyEvents(READABLE);
    }
  }

  /** As many whole events as there is room for; EINVAL if that is none, EAGAIN. */
  @Override
  public long read(IoTarget target) {
    List<NotifyEvent> events = state.take(target.remaining());
    int size = events.stream().mapToInt(NotifyEvent::size).sum();
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    events.forEach(e -> e.encode(bytes));
    // As on Linux, the events are gone even if they then cannot be stored.
    if (target.put(MemorySegment.ofArray(bytes.array()), 0, size) < size) {
      throw Errno.EFAULT.exception();
    }
    return size;
  }

  @Override
  public int readiness(int mask) {
    return state.pendingBytes() > 0 ? READABLE & mask : 0;
  }

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    if (request != FIONREAD) {
      return super.ioctl(caller, request, argument);
    }
    byte[] count =
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt((int) state.pendingBytes())
            .array();
    caller.copyOut(argument, MemorySegment.ofArray(count));
    return 0;
  }

  @Override
  protected void onRelease() {
    state.close();
    limits.giveInstance(uid);
  }
}
