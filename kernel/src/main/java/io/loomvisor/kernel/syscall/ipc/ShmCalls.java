package io.loomvisor.kernel.syscall.ipc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.ipc.IpcFlags;
import io.loomvisor.kernel.ipc.shm.Attachment;
import io.loomvisor.kernel.ipc.shm.Segment;
import io.loomvisor.kernel.ipc.shm.Segments;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryFlags;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.Credentials;
import java.nio.ByteBuffer;

/**
 * shmget(2), shmat(2), shmdt(2), shmctl(2). struct shmid64_ds:
 *
 * <pre>
 *   0      48       56      64      72      80     84     88       96 … 111
 *   | perm | segsz  | atime | dtime | ctime | cpid | lpid | nattch | 0     |
 * </pre>
 */
public final class ShmCalls {
  private static final int SHM_LOCK = 11;
  private static final int SHM_UNLOCK = 12;
  private static final int SHM_STAT = 13;
  private static final int SHM_INFO = 14;
  private static final int SHM_STAT_ANY = 15;
  private static final int SHMID_DS_SIZE = 112;
  private static final int SHMINFO_SIZE = 72;
  private static final int SHM_INFO_SIZE = 48;

  private final Segments segments;

  public ShmCalls(Segments segments) {
    this.segments = segments;
  }

  public void register(SyscallTable.Builder b) {
    b.partial(SyscallNumber.SHMGET, "SHM_HUGETLB: ENOMEM, there are no huge pages", this::get);
    b.full(SyscallNumber.SHMAT, this::attach);
    b.full(SyscallNumber.SHMDT, ShmCalls::detach);
    b.full(SyscallNumber.SHMCTL, this::control);
  }

  private long get(Task task, SyscallArguments a) {
    return segments.get(a.getInt(0), a.get(1), a.getInt(2), task.credentials()).id();
  }

  /** do_shmat() of ipc/shm.c. */
  private long attach(Task task, SyscallArguments a) {
    int id = a.getInt(0);
    int flags = a.getInt(2);
    boolean replace = (flags & Segments.SHM_REMAP) != 0;
    if (id < 0) {
      throw Errno.EINVAL.exception();
    }
    long address = place(a.get(1), flags);
    int protection = MemoryFlags.PROT_READ;
    if ((flags & Segments.SHM_RDONLY) == 0) {
      protection |= MemoryFlags.PROT_WRITE;
    }
    if ((flags & Segments.SHM_EXEC) != 0) {
      protection |= MemoryFlags.PROT_EXEC;
    }
    int how = MemoryFlags.MAP_SHARED;
    if (address != 0) {
      how |= replace ? MemoryFlags.MAP_FIXED : MemoryFlags.MAP_FIXED_NOREPLACE;
    }
    Attachment attachment = segments.attach(id, flags, task.credentials());
    try {
      return task.memoryManager().mmap(address, attachment.size(), protection, how, attachment, 0);
    } catch (LinuxException e) {
      throw e.errno() == Errno.EEXIST ? Errno.EINVAL.exception() : e;
    } finally {
      attachment.release();
    }
  }

  private static long place(long address, int flags) {
    boolean replace = (flags & Segments.SHM_REMAP) != 0;
    long down = address & -Platform.PAGE_SIZE;
    boolean round = (flags & Segments.SHM_RND) != 0;
    if (down != address && !round || replace && down == 0) {
      throw Errno.EINVAL.exception();
    }
    return down;
  }

  private static long detach(Task task, SyscallArguments a) {
    long address = a.get(0);
    if ((address & Platform.PAGE_SIZE - 1) != 0
        || !task.memoryManager().munmapAll(address, Attachment.class, Attachment::size)) {
      throw Errno.EINVAL.exception();
    }
    return 0;
  }

  private long control(Task task, SyscallArguments a) {
    int id = a.getInt(0);
    int command = a.getInt(1);
    if (id < 0 || command < 0) {
      throw Errno.EINVAL.exception();
    }
    Credentials who = task.credentials();
    return switch (command) {
      case IpcFlags.IPC_INFO -> limits(task, a.get(2));
      case SHM_INFO -> totals(task, a.get(2));
      case IpcFlags.IPC_STAT -> status(task, segments.table().find(id), 0, true, a.get(2));
      case SHM_STAT -> {
        Segment s = segments.table().atIndex(id);
        yield status(task, s, s.id(), true, a.get(2));
      }
      case SHM_STAT_ANY -> {
        Segment s = segments.table().atIndex(id);
        yield status(task, s, s.id(), false, a.get(2));
      }
      case IpcFlags.IPC_SET -> {
        ByteBuffer b = PermissionLayout.buffer(task.memory().copyIn(a.get(2), SHMID_DS_SIZE));
        segments.change(
            segments.table().find(id),
            who,
            PermissionLayout.uid(b),
            PermissionLayout.gid(b),
            PermissionLayout.mode(b));
        yield 0;
      }
      case IpcFlags.IPC_RMID -> {
        Segment s = segments.table().find(id);
        s.permission().requireOwner(who);
        segments.remove(s);
        yield 0;
      }
      case SHM_LOCK, SHM_UNLOCK -> lock(task, segments.table().find(id), command == SHM_LOCK);
      default -> throw Errno.EINVAL.exception();
    };
  }

  private long lock(Task task, Segment segment, boolean lock) {
    Credentials who = task.credentials();
    if (!who.has(Credentials.CAP_IPC_LOCK)) {
      if (who.euid() != segment.permission().uid() && who.euid() != segment.permission().cuid()) {
        throw Errno.EPERM.exception();
      }
      if (lock && task.group().limits().soft(ResourceLimits.RLIMIT_MEMLOCK) == 0) {
        throw Errno.EPERM.exception();
      }
    }
    segments.setLocked(segment, lock);
    return 0;
  }

  private long limits(Task task, long address) {
    ByteBuffer b = PermissionLayout.buffer(new byte[SHMINFO_SIZE]);
    long most = segments.limits().segments();
    b.putLong(0, segments.limits().segmentBytes())
        .putLong(8, 1)
        .putLong(16, most)
        .putLong(24, most)
        .putLong(32, segments.limits().segmentPages());
    task.memory().copyOut(address, b.array());
    return segments.table().maxIndex();
  }

  private long totals(Task task, long address) {
    Segments.Totals t = segments.totals();
    ByteBuffer b = PermissionLayout.buffer(new byte[SHM_INFO_SIZE]);
    b.putInt(0, t.count()).putLong(8, t.pages()).putLong(16, t.resident());
    task.memory().copyOut(address, b.array());
    return segments.table().maxIndex();
  }

  private static long status(Task task, Segment s, long result, boolean check, long address) {
    if (check) {
      s.permission().check(task.credentials(), IpcFlags.READ);
    }
    ByteBuffer b = PermissionLayout.structure(SHMID_DS_SIZE, s.permission(), s.id());
    b.putLong(48, s.size())
        .putLong(56, s.attachTime())
        .putLong(64, s.detachTime())
        .putLong(72, s.changeTime())
        .putInt(80, s.creator())
        .putInt(84, s.lastProcess())
        .putLong(88, s.attachments());
    task.memory().copyOut(address, b.array());
    return result;
  }
}
