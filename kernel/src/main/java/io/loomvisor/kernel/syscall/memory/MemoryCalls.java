package io.loomvisor.kernel.syscall.memory;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.Personality;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MapPrivileges;
import io.loomvisor.task.memory.MemoryFlags;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.mount.Mount;

/** mmap(2), munmap(2), mprotect(2), mremap(2), brk(2), madvise(2), msync(2), mincore(2). */
public final class MemoryCalls {
  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.MMAP, quick(this::mmap));
    b.full(
        SyscallNumber.MUNMAP, (t, a) -> done(() -> t.memoryManager().munmap(a.get(0), a.get(1))));
    b.full(
        SyscallNumber.MPROTECT,
        (t, a) ->
            done(
                () ->
                    t.memoryManager()
                        .mprotect(a.get(0), a.get(1), protection(t, a.getInt(2), null))));
    b.full(
        SyscallNumber.MREMAP,
        (t, a) -> t.memoryManager().mremap(a.get(0), a.get(1), a.get(2), a.getInt(3), a.get(4)));
    b.full(SyscallNumber.BRK, quick((t, a) -> t.memoryManager().brk(a.get(0))));
    b.full(
        SyscallNumber.MADVISE,
        (t, a) -> done(() -> t.memoryManager().madvise(a.get(0), a.get(1), a.getInt(2))));
    b.full(
        SyscallNumber.MSYNC,
        (t, a) -> done(() -> t.memoryManager().msync(a.get(0), a.get(1), a.getInt(2))));
    b.full(SyscallNumber.MINCORE, this::mincore);
    b.full(SyscallNumber.MSEAL, this::seal);
  }

  private long mmap(Task task, SyscallArguments a) {
    int flags = a.getInt(3);
    if ((flags & MemoryFlags.MAP_FIXED) != 0) {
      task.requireOwnThread(); // it may unmap something
    }
    if ((flags & MemoryFlags.MAP_ANONYMOUS) != 0) {
      return mmap(task, a, null);
    }
    try (OpenFile file = OpenFile.of(task, a.getInt(4))) {
      return mmap(task, a, file.description());
    }
  }

  private static long mmap(Task task, SyscallArguments a, FileDescription file) {
    Credentials c = task.credentials();
    MapPrivileges privileges =
        new MapPrivileges(c.has(Credentials.CAP_SYS_RAWIO), c.has(Credentials.CAP_IPC_LOCK));
    return task.memoryManager()
        .mmap(
            a.get(0),
            a.get(1),
            protection(task, a.getInt(2), file),
            a.getInt(3),
            file,
            a.get(5),
            privileges);
  }

  /** READ_IMPLIES_EXEC of personality(2), where the file system allows it. */
  private static int protection(Task task, int given, FileDescription file) {
    boolean implied =
        (given & MemoryFlags.PROT_READ) != 0
            && task.settings().personalityHas(Personality.READ_IMPLIES_EXEC);
    boolean forbidden =
        file != null && file.path() != null && (file.path().mount().flags() & Mount.MS_NOEXEC) != 0;
    return implied && !forbidden ? given | MemoryFlags.PROT_EXEC : given;
  }

  private long seal(Task task, SyscallArguments a) {
    if (a.get(2) != 0) {
      throw Errno.EINVAL.exception();
    }
    task.memoryManager().seal(a.get(0), a.get(1));
    return 0;
  }

  private long mincore(Task task, SyscallArguments a) {
    long start = a.get(0);
    task.memoryManager()
        .mincore(
            start,
            a.get(1),
            (bits, from) ->
                task.memory().copyOut(a.get(2) + (from - start >>> Platform.PAGE_SHIFT), bits));
    return 0;
  }

  private static long done(Runnable action) {
    action.run();
    return 0;
  }
}
