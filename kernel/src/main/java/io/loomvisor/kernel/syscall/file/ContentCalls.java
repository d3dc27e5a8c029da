package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.notify.FileNotice;
import io.loomvisor.vfs.tmpfs.Sealable;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;

/** Room in files, and files in memory. */
final class ContentCalls {
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int FALLOC_SUPPORTED_MASK = 0x7f;
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int MFD_NOEXEC_SEAL = 8;
  private static final int MFD_EXEC = 16;
  private static final int MEMFD_NAME_MAX = 249;

  private final TmpFilesystem memoryFiles;

  ContentCalls(KernelContext kernel) {
    memoryFiles =
        new TmpFilesystem(
            kernel.pageStore(),
            DeviceRegistry.NONE,
            FileClock.SYSTEM,
            TmpFilesystem.Options.DEFAULT);
  }

  void register(SyscallTable.Builder b) {
    b.partial(
        SyscallNumber.FALLOCATE,
        "collapse, insert, zero and unshare range: EOPNOTSUPP",
        this::fallocate);
    b.partial(SyscallNumber.MEMFD_CREATE, "MFD_HUGETLB: EINVAL", this::memfdCreate);
  }

  private long fallocate(Task task, SyscallArguments a) {
    int mode = a.getInt(1);
    long offset = a.get(2);
    long length = a.get(3);
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      FileDescription d = f.description();
      if (offset < 0 || length <= 0) {
        throw Errno.EINVAL.exception();
      }
      boolean punchAlone =
          (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) == FALLOC_FL_PUNCH_HOLE;
      if ((mode & ~FALLOC_SUPPORTED_MASK) != 0 || punchAlone) {
        throw Errno.EOPNOTSUPP.exception();
      }
      if (!d.writable()) {
        throw Errno.EBADF.exception();
      }
      checkKind(d.stat().mode());
      if (offset > Long.MAX_VALUE - length) {
        throw Errno.EFBIG.exception();
      }
      if ((mode & FALLOC_FL_KEEP_SIZE) == 0) {
        long limit = task.group().limits().soft(ResourceLimits.RLIMIT_FSIZE);
        Writing.checkFileSize(task, offset + length > limit);
      }
      d.fallocate(mode, offset, length);
      FileNotice.modified(d);
      return 0;
    }
  }

  private static void checkKind(int mode) {
    switch (mode & FileMode.S_IFMT) {
      case FileMode.S_IFREG -> {}
      case FileMode.S_IFIFO -> throw Errno.ESPIPE.exception();
      case FileMode.S_IFDIR -> throw Errno.EISDIR.exception();
      default -> throw Errno.ENODEV.exception();
    }
  }

  private long memfdCreate(Task task, SyscallArguments a) {
    int flags = a.getInt(1);
    if ((flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC)) != 0
        || (flags & MFD_NOEXEC_SEAL) != 0 && (flags & MFD_EXEC) != 0) {
      throw Errno.EINVAL.exception();
    }
    String name;
    try {
      name = task.memory().copyInString(a.get(0), MEMFD_NAME_MAX + 1);
    } catch (LinuxException e) {
      throw e.errno() == Errno.ENAMETOOLONG ? Errno.EINVAL.exception() : e;
    }
    boolean noExec = (flags & MFD_NOEXEC_SEAL) != 0;
    boolean sealing = noExec || (flags & MFD_ALLOW_SEALING) != 0;
    int seals = (sealing ? 0 : Sealable.F_SEAL_SEAL) | (noExec ? Sealable.F_SEAL_EXEC : 0);
    FileDescription d =
        memoryFiles.createMemfd(
            name,
            noExec ? 0666 : 0777,
            task.credentials().fsuid(),
            task.credentials().fsgid(),
            seals,
            OpenFlags.O_RDWR);
    return OpenFile.install(task, d, (flags & MFD_CLOEXEC) != 0);
  }
}
