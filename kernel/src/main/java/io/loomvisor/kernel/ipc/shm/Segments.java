package io.loomvisor.kernel.ipc.shm;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.kernel.ipc.IpcFlags;
import io.loomvisor.kernel.ipc.IpcLimits;
import io.loomvisor.kernel.ipc.IpcPermission;
import io.loomvisor.kernel.ipc.IpcTable;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.util.List;

/** The segments of one IPC namespace. Any thread, no actor held. */
public final class Segments {
  /** Flags of shmget(2) and shmat(2). */
  public static final int SHM_HUGETLB = 04000;

  public static final int SHM_NORESERVE = 010000;
  public static final int SHM_RDONLY = 010000;
  public static final int SHM_RND = 020000;
  public static final int SHM_REMAP = 040000;
  public static final int SHM_EXEC = 0100000;

  private static final int HUGE_SHIFT = 26;
  private static final int HUGE_MASK = 0x3f;
  private static final int HUGE_2M = 21;
  private static final int HUGE_1G = 30;

  private final IpcLimits limits;
  private final PageStore pages;
  private final TmpFilesystem files;
  private final IpcTable<Segment> table;

  /** SHMALL's sum; changed in the table's actor only. */
  private long totalPages;

  public Segments(IpcLimits limits, PageStore pages) {
    this.limits = limits;
    this.pages = pages;
    this.files =
        new TmpFilesystem(
            pages, DeviceRegistry.NONE, FileClock.SYSTEM, TmpFilesystem.Options.DEFAULT);
    this.table = new IpcTable<>(limits::segments);
  }

  public IpcTable<Segment> table() {
    return table;
  }

  public IpcLimits limits() {
    return limits;
  }

  /** shmget(2). */
  public Segment get(int key, long size, int flags, Credentials who) {
    return table.get(
        key,
        flags,
        who,
        there -> {
          if (Long.compareUnsigned(there.size(), size) < 0) {
            throw Errno.EINVAL.exception();
          }
        },
        () -> checkNew(size, flags),
        (id, permission) -> make(id, permission, size));
  }

  /** newseg() of ipc/shm.c. */
  private void checkNew(long size, int flags) {
    if (size == 0 || Long.compareUnsigned(size, limits.segmentBytes()) > 0) {
      throw Errno.EINVAL.exception();
    }
    long wanted = Segment.pages(size);
    long total = totalPages + wanted;
    if (size < 0
        || Long.compareUnsigned(total, totalPages) < 0
        || Long.compareUnsigned(total, limits.segmentPages()) > 0) {
      // Sizes over 2^63 cannot be a file's; Linux's pages run out long before.
      throw size < 0 ? Errno.ENOMEM.exception() : Errno.ENOSPC.exception();
    }
    if ((flags & SHM_HUGETLB) != 0) {
      int shift = flags >>> HUGE_SHIFT & HUGE_MASK;
      // There is no pool of huge pages, as on a Linux with vm.nr_hugepages 0.
      boolean known = shift == 0 || shift == HUGE_2M || shift == HUGE_1G;
      throw known ? Errno.ENOMEM.exception() : Errno.EINVAL.exception();
    }
    if ((flags & SHM_NORESERVE) == 0 && wanted > pages.capacity()) {
      throw Errno.ENOMEM.exception();
    }
  }

  private Segment make(int id, IpcPermission permission, long size) {
    Ownership owner =
        new Ownership(permission.uid(), permission.gid(), FileMode.S_IFREG | permission.mode());
    Inode file = files.createDetached(owner, 0);
    file.setAttributes(new SetAttributes(null, null, null, size, null, null));
    totalPages += Segment.pages(size);
    return new Segment(id, permission, size, file);
  }

  /**
   * The first half of shmat(2): a description to be mapped, whose one reference is the caller's.
   *
   * @param flags SHM_RDONLY, SHM_EXEC
   */
  public Attachment attach(int id, int flags, Credentials who) {
    Segment segment = table.find(id);
    boolean readOnly = (flags & SHM_RDONLY) != 0;
    int wanted = readOnly ? IpcFlags.READ : IpcFlags.READ | IpcFlags.WRITE;
    segment.permission().check(who, (flags & SHM_EXEC) != 0 ? wanted | 0111 : wanted);
    Attachment made =
        new Attachment(this, segment, readOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR);
    // It may have been removed before it was counted as used.
    if (table.contains(segment)) {
      return made;
    }
    made.release();
    throw Errno.EIDRM.exception();
  }

  /** IPC_RMID: at once, or when the last attachment goes. */
  public void remove(Segment segment) {
    table.dropKey(segment);
    segment.destroy();
    if (!segment.inUse()) {
      discard(segment);
    }
  }

  void lastUseGone(Segment segment) {
    if (segment.destroyed() && !segment.inUse()) {
      discard(segment);
    }
  }

  private void discard(Segment segment) {
    if (table.remove(segment, () -> totalPages -= segment.pages())) {
      files.removeDetached(segment.file());
    }
  }

  /** IPC_SET. */
  public void change(Segment segment, Credentials who, int uid, int gid, int mode) {
    segment.permission().requireOwner(who);
    segment.change(segment.permission().changed(uid, gid, mode));
  }

  /** SHM_LOCK and SHM_UNLOCK: nothing is ever paged out here, so the mark is all there is. */
  public void setLocked(Segment segment, boolean locked) {
    segment.setLocked(locked);
  }

  /**
   * SHM_INFO.
   *
   * @param count segments
   * @param pages of all
   * @param resident pages that have a frame
   */
  public record Totals(int count, long pages, long resident) {}

  public Totals totals() {
    List<Segment> all = table.all();
    long resident = 0;
    long sum = 0;
    for (Segment s : all) {
      resident += s.resident() >>> PageStore.PAGE_SHIFT;
      sum += s.pages();
    }
    return new Totals(all.size(), sum, resident);
  }
}
