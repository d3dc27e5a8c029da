package io.loomvisor.kernel.ipc.shm;

import io.loomvisor.kernel.ipc.IpcObject;
import io.loomvisor.kernel.ipc.IpcPermission;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.cache.PageStore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** One shared memory segment. Size and file never change; the rest is single words, any thread. */
public final class Segment implements IpcObject {
  /** In the mode: it goes with the last attachment. */
  public static final int SHM_DEST = 01000;

  /** In the mode: its pages are locked. */
  public static final int SHM_LOCKED = 02000;

  private static final long MILLIS = 1000;

  private final int id;
  private final long size;
  private final int creator;
  private final Inode file;
  private final AtomicReference<IpcPermission> permission;
  private final AtomicInteger attachments = new AtomicInteger();

  /** Descriptions open now: an attachment that is only being made has one already. */
  private final AtomicInteger descriptions = new AtomicInteger();

  private volatile int lastProcess;
  private volatile long attachTime;
  private volatile long detachTime;
  private volatile long changeTime = now();

  Segment(int id, IpcPermission permission, long size, Inode file) {
    this.id = id;
    this.permission = new AtomicReference<>(permission);
    this.size = size;
    this.file = file;
    this.creator = Task.current().threadGroupId();
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

  /** As asked for, not rounded to pages. */
  public long size() {
    return size;
  }

  public long pages() {
    return pages(size);
  }

  static long pages(long bytes) {
    return (bytes - 1 >>> PageStore.PAGE_SHIFT) + 1;
  }

  /** The process that made it. */
  public int creator() {
    return creator;
  }

  /** The last process that attached or detached it; 0 for none. */
  public int lastProcess() {
    return lastProcess;
  }

  /** Mappings of it in all address spaces. */
  public int attachments() {
    return attachments.get();
  }

  /** Seconds since the Epoch; 0 if never. */
  public long attachTime() {
    return attachTime;
  }

  public long detachTime() {
    return detachTime;
  }

  public long changeTime() {
    return changeTime;
  }

  /** Bytes that have a frame. */
  public long resident() {
    return file.stat().blocks() * 512;
  }

  Inode file() {
    return file;
  }

  /** IPC_RMID was called: it goes when nobody uses it any more. */
  public boolean destroyed() {
    return (permission().mode() & SHM_DEST) != 0;
  }

  void change(IpcPermission now) {
    permission.set(now);
    changeTime = now();
  }

  void setLocked(boolean locked) {
    permission.updateAndGet(
        p -> p.withMode(locked ? p.mode() | SHM_LOCKED : p.mode() & ~SHM_LOCKED));
  }

  void destroy() {
    permission.updateAndGet(p -> p.withoutKey().withMode(p.mode() | SHM_DEST));
  }

  void opened() {
    descriptions.incrementAndGet();
  }

  /** True if that was the last one. */
  boolean closed() {
    return descriptions.decrementAndGet() == 0;
  }

  boolean inUse() {
    return descriptions.get() > 0;
  }

  /** shm_open() and shm_close() of ipc/shm.c. */
  void mapped(int change) {
    attachments.addAndGet(change);
    Task task = Task.current();
    if (task != null) {
      lastProcess = task.threadGroupId();
    }
    if (change > 0) {
      attachTime = now();
    } else {
      detachTime = now();
    }
  }

  /** Nobody waits for a segment, and {@link Segments} frees the pages. */
  @Override
  public void removed() {}
}
