package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.SyscallNumber.CHMOD;
import static io.loomvisor.kernel.syscall.SyscallNumber.CHOWN;
import static io.loomvisor.kernel.syscall.SyscallNumber.FCHMOD;
import static io.loomvisor.kernel.syscall.SyscallNumber.FCHMODAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.FCHMODAT2;
import static io.loomvisor.kernel.syscall.SyscallNumber.FCHOWN;
import static io.loomvisor.kernel.syscall.SyscallNumber.FCHOWNAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.FTRUNCATE;
import static io.loomvisor.kernel.syscall.SyscallNumber.FUTIMESAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.LCHOWN;
import static io.loomvisor.kernel.syscall.SyscallNumber.TRUNCATE;
import static io.loomvisor.kernel.syscall.SyscallNumber.UTIME;
import static io.loomvisor.kernel.syscall.SyscallNumber.UTIMENSAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.UTIMES;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.notify.FileNotice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Changing mode, owner, size and times. */
final class AttributeCalls {
  private static final long UTIME_NOW = 0x3fff_ffff;
  private static final long UTIME_OMIT = 0x3fff_fffe;

  private final KernelContext kernel;

  AttributeCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  void register(SyscallTable.Builder b) {
    b.full(CHMOD, (t, a) -> change(t, At.AT_FDCWD, a.get(0), 0, mode(a.getInt(1))));
    b.full(FCHMODAT, (t, a) -> change(t, a.getInt(0), a.get(1), 0, mode(a.getInt(2))));
    b.full(FCHMOD, (t, a) -> change(t, a.getInt(0), mode(a.getInt(1))));
    b.full(CHOWN, (t, a) -> change(t, At.AT_FDCWD, a.get(0), 0, owner(a.getInt(1), a.getInt(2))));
    b.full(
        LCHOWN,
        (t, a) ->
            change(
                t, At.AT_FDCWD, a.get(0), At.AT_SYMLINK_NOFOLLOW, owner(a.getInt(1), a.getInt(2))));
    b.full(
        FCHOWNAT,
        (t, a) -> change(t, a.getInt(0), a.get(1), a.getInt(4), owner(a.getInt(2), a.getInt(3))));
    b.full(FCHOWN, (t, a) -> change(t, a.getInt(0), owner(a.getInt(1), a.getInt(2))));
    b.full(TRUNCATE, this::truncate);
    b.full(FTRUNCATE, this::ftruncate);
    b.full(FCHMODAT2, (t, a) -> change(t, a.getInt(0), a.get(1), a.getInt(3), mode(a.getInt(2))));
    b.full(UTIMENSAT, this::utimensat);
    b.full(UTIME, this::utime);
    b.full(UTIMES, (t, a) -> utimes(t, At.AT_FDCWD, a.get(0), a.get(1)));
    b.full(FUTIMESAT, (t, a) -> utimes(t, a.getInt(0), a.get(1), a.get(2)));
  }

  private static SetAttributes mode(int mode) {
    return SetAttributes.ofMode(mode & FileMode.PERMISSIONS);
  }

  private static SetAttributes owner(int uid, int gid) {
    return SetAttributes.ofOwner(
        uid == -1 ? null : Integer.valueOf(uid), gid == -1 ? null : Integer.valueOf(gid));
  }

  private long change(Task task, int dirfd, long path, int flags, SetAttributes change) {
    if ((flags & ~(At.AT_SYMLINK_NOFOLLOW | At.AT_EMPTY_PATH)) != 0) {
      throw Errno.EINVAL.exception();
    }
    try (At at = At.of(task, dirfd, path)) {
      VfsPath file = kernel.fileTree().walk(at.context(), at.path(), StatCalls.walkFlags(flags));
      kernel.fileTree().setAttributes(at.context(), file, change);
      return 0;
    }
  }

  private long change(Task task, int fd, SetAttributes change) {
    try (OpenFile f = OpenFile.of(task, fd)) {
      FileDescription d = f.description();
      if (d.path() == null) {
        d.setAttributes(change);
      } else {
        kernel.fileTree().setAttributes(At.here(task), d.path(), change);
      }
      return 0;
    }
  }

  private long truncate(Task task, SyscallArguments a) {
    long size = size(a.get(1));
    try (At at = At.of(task, At.AT_FDCWD, a.get(0))) {
      VfsPath file = kernel.fileTree().walk(at.context(), at.path(), FileTree.FOLLOW);
      int mode = file.inode().mode();
      if (!FileMode.isRegular(mode)) {
        throw FileMode.isDirectory(mode) ? Errno.EISDIR.exception() : Errno.EINVAL.exception();
      }
      Writing.checkFileSize(task, size > task.group().limits().soft(ResourceLimits.RLIMIT_FSIZE));
      kernel.fileTree().setAttributes(at.context(), file, SetAttributes.ofSize(size));
      return 0;
    }
  }

  private long ftruncate(Task task, SyscallArguments a) {
    long size = size(a.get(1));
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      FileDescription d = f.description();
      if (!d.writable() || !FileMode.isRegular(d.stat().mode())) {
        throw Errno.EINVAL.exception();
      }
      Writing.checkFileSize(task, size > task.group().limits().soft(ResourceLimits.RLIMIT_FSIZE));
      d.truncate(size);
      FileNotice.modified(d);
      return 0;
    }
  }

  private static long size(long size) {
    if (size < 0) {
      throw Errno.EINVAL.exception();
    }
    return size;
  }

  private long utimensat(Task task, SyscallArguments a) {
    long[] times = {0, UTIME_NOW, 0, UTIME_NOW};
    if (a.get(2) != 0) {
      ByteBuffer.wrap(task.memory().copyIn(a.get(2), 32))
          .order(ByteOrder.LITTLE_ENDIAN)
          .asLongBuffer()
          .get(times);
    }
    if (times[1] == UTIME_OMIT && times[3] == UTIME_OMIT) {
      return 0;
    }
    long now = kernel.clocks().realtime();
    SetAttributes change =
        SetAttributes.ofTimes(time(times[0], times[1], now), time(times[2], times[3], now));
    boolean touch = times[1] == UTIME_NOW && times[3] == UTIME_NOW;
    if (a.get(1) != 0) {
      return setTimesAt(task, a, change, touch);
    }
    if (a.getInt(3) != 0) {
      throw Errno.EINVAL.exception();
    }
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      if (f.description().path() == null) {
        f.description().setAttributes(change);
      } else {
        setTimes(task, f.description().path(), change, touch);
      }
      return 0;
    }
  }

  /** utime(2): two times in seconds. */
  private long utime(Task task, SyscallArguments a) {
    long address = a.get(1);
    FileTime access = address == 0 ? null : new FileTime(task.memory().getLong(address), 0);
    FileTime modification =
        address == 0 ? null : new FileTime(task.memory().getLong(address + 8), 0);
    return setTimesOf(task, At.AT_FDCWD, a.get(0), access, modification);
  }

  /** utimes(2), futimesat(2): two times in seconds and microseconds. */
  private long utimes(Task task, int dirfd, long path, long address) {
    FileTime access = address == 0 ? null : timeval(task, address);
    FileTime modification = address == 0 ? null : timeval(task, address + 16);
    return setTimesOf(task, dirfd, path, access, modification);
  }

  private static FileTime timeval(Task task, long address) {
    long micros = task.memory().getLong(address + 8);
    if (micros < 0 || micros >= 1_000_000) {
      throw Errno.EINVAL.exception();
    }
    return new FileTime(task.memory().getLong(address), (int) micros * 1000);
  }

  /** {@code access} null: both times now. */
  private long setTimesOf(Task task, int dirfd, long path, FileTime access, FileTime modification) {
    boolean touch = access == null;
    FileTime now = touch ? time(0, UTIME_NOW, kernel.clocks().realtime()) : null;
    SetAttributes change =
        touch ? SetAttributes.ofTimes(now, now) : SetAttributes.ofTimes(access, modification);
    try (At at = At.of(task, dirfd, path)) {
      setTimes(
          task, kernel.fileTree().walk(at.context(), at.path(), FileTree.FOLLOW), change, touch);
      return 0;
    }
  }

  private long setTimesAt(Task task, SyscallArguments a, SetAttributes change, boolean touch) {
    int flags = a.getInt(3);
    if ((flags & ~(At.AT_SYMLINK_NOFOLLOW | At.AT_EMPTY_PATH)) != 0) {
      throw Errno.EINVAL.exception();
    }
    try (At at = At.of(task, a.getInt(0), a.get(1))) {
      setTimes(
          task,
          kernel.fileTree().walk(at.context(), at.path(), StatCalls.walkFlags(flags)),
          change,
          touch);
      return 0;
    }
  }

  private void setTimes(Task task, VfsPath file, SetAttributes change, boolean touch) {
    if (touch) {
      kernel.fileTree().touch(At.here(task), file, change);
    } else {
      kernel.fileTree().setAttributes(At.here(task), file, change);
    }
  }

  private static FileTime time(long seconds, long nanos, long now) {
    if (nanos == UTIME_OMIT) {
      return null;
    }
    if (nanos == UTIME_NOW) {
      return new FileTime(now / 1_000_000_000L, (int) (now % 1_000_000_000L));
    }
    if (nanos < 0 || nanos >= 1_000_000_000L) {
      throw Errno.EINVAL.exception();
    }
    return new FileTime(seconds, (int) nanos);
  }
}
