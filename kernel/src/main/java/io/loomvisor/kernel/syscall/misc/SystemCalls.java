package io.loomvisor.kernel.syscall.misc;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETRANDOM;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETRLIMIT;
import static io.loomvisor.kernel.syscall.SyscallNumber.PRLIMIT64;
import static io.loomvisor.kernel.syscall.SyscallNumber.RSEQ;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETRLIMIT;
import static io.loomvisor.kernel.syscall.SyscallNumber.SYSINFO;
import static io.loomvisor.kernel.syscall.SyscallNumber.UNAME;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Personality;
import io.loomvisor.task.Task;
import io.loomvisor.task.UtsName;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Credentials;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What a program asks of the system when it starts: names, limits, random bytes, CPUs, thread
 * registers.
 */
public final class SystemCalls {
  private static final int GRND_NONBLOCK = 1;
  private static final int GRND_RANDOM = 2;
  private static final int GRND_INSECURE = 4;
  private static final int RANDOM_CHUNK = 4096;

  private static final int SYSINFO_SIZE = 112;

  private final KernelContext kernel;

  public SystemCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  public void register(SyscallTable.Builder b) {
    b.full(UNAME, quick(this::uname));
    b.partial(SYSINFO, "load averages are 0", quick(this::sysinfo));
    b.full(GETRANDOM, quick(this::getrandom));
    b.full(GETRLIMIT, quick((t, a) -> limit(t.group(), t, a.getInt(0), 0, a.get(1))));
    b.full(SETRLIMIT, (t, a) -> limit(t.group(), t, a.getInt(0), a.get(1), 0));
    b.full(PRLIMIT64, quick(this::prlimit));
    b.none(RSEQ, "restartable sequences are not offered; C libraries do without", null);
  }

  /** struct new_utsname: six fields of 65 bytes. */
  private long uname(Task task, SyscallArguments a) {
    int field = UtsName.MAX_LENGTH + 1;
    byte[] out = new byte[6 * field];
    String[] names = {
      UtsName.SYSTEM,
      task.settings().uts().hostName(),
      task.settings().personalityHas(Personality.UNAME26)
          ? UtsName.RELEASE_UNAME26
          : UtsName.RELEASE,
      UtsName.VERSION,
      (task.settings().personality() & Personality.PER_MASK) == Personality.PER_LINUX32
          ? UtsName.MACHINE32
          : UtsName.MACHINE,
      task.settings().uts().domainName()
    };
    for (int i = 0; i < names.length; i++) {
      byte[] bytes = names[i].getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(bytes, 0, out, i * field, Math.min(bytes.length, UtsName.MAX_LENGTH));
    }
    task.memory().copyOut(a.get(0), out);
    return 0;
  }

  private long sysinfo(Task task, SyscallArguments a) {
    KernelContext.MemoryTotals m = kernel.memoryTotals();
    ByteBuffer b = ByteBuffer.allocate(SYSINFO_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(0, (System.nanoTime() - kernel.startTime()) / 1_000_000_000L);
    b.putLong(32, m.total()).putLong(40, m.free()).putLong(48, m.shared()).putLong(56, m.buffers());
    b.putShort(80, (short) Math.min(kernel.processes().taskCount(), 0xffff));
    b.putInt(104, 1);
    task.memory().copyOut(a.get(0), b.array());
    return 0;
  }

  private long getrandom(Task task, SyscallArguments a) {
    int flags = a.getInt(2);
    if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0
        || (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE)) {
      throw Errno.EINVAL.exception();
    }
    long count =
        Long.compareUnsigned(a.get(1), Integer.MAX_VALUE) > 0 ? Integer.MAX_VALUE : a.get(1);
    long done = 0;
    while (done < count) {
      byte[] bytes = new byte[(int) Math.min(RANDOM_CHUNK, count - done)];
      kernel.random().fill(bytes);
      long n =
          task.memory()
              .copyOutPartial(
                  a.get(0) + done, java.lang.foreign.MemorySegment.ofArray(bytes), 0, bytes.length);
      done += n;
      if (n < bytes.length || task.sleeper().interrupted()) {
        break;
      }
    }
    if (done == 0 && count > 0) {
      throw Errno.EFAULT.exception();
    }
    return done;
  }

  private long prlimit(Task task, SyscallArguments a) {
    int pid = a.getInt(0);
    Task target = pid == 0 ? task : kernel.processes().task(pid);
    if (target == null) {
      throw Errno.ESRCH.exception();
    }
    Credentials mine = task.credentials();
    Credentials theirs = target.credentials();
    boolean same =
        mine.uid() == theirs.euid()
            && mine.uid() == theirs.suid()
            && mine.uid() == theirs.uid()
            && mine.gid() == theirs.egid()
            && mine.gid() == theirs.sgid()
            && mine.gid() == theirs.gid();
    if (target.group() != task.group() && !same && !mine.has(Credentials.CAP_SYS_RESOURCE)) {
      throw Errno.EPERM.exception();
    }
    return limit(target.group(), task, a.getInt(1), a.get(2), a.get(3));
  }

  /**
   * Reads {@code newAddress} (0: no change), changes, and writes the old limit to {@code
   * oldAddress} (0: nowhere).
   */
  private long limit(ThreadGroup group, Task task, int resource, long newAddress, long oldAddress) {
    if (resource < 0 || resource >= ResourceLimits.COUNT) {
      throw Errno.EINVAL.exception();
    }
    ResourceLimits.Limit old = group.limits().get(resource);
    if (newAddress != 0) {
      ByteBuffer b =
          ByteBuffer.wrap(task.memory().copyIn(newAddress, 16)).order(ByteOrder.LITTLE_ENDIAN);
      ResourceLimits.Limit wanted = new ResourceLimits.Limit(b.getLong(0), b.getLong(8));
      if (Long.compareUnsigned(wanted.soft(), wanted.hard()) > 0) {
        throw Errno.EINVAL.exception();
      }
      boolean tooManyFiles =
          resource == ResourceLimits.RLIMIT_NOFILE
              && Long.compareUnsigned(wanted.hard(), 1 << 20) > 0;
      boolean raises = Long.compareUnsigned(wanted.hard(), old.hard()) > 0;
      if (tooManyFiles || raises && !task.credentials().has(Credentials.CAP_SYS_RESOURCE)) {
        throw Errno.EPERM.exception();
      }
      group.limits().set(resource, wanted);
      if (resource == ResourceLimits.RLIMIT_CPU) {
        kernel.intervalTimers().cpuLimitChanged(group);
      }
    }
    if (oldAddress != 0) {
      ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      task.memory().copyOut(oldAddress, b.putLong(old.soft()).putLong(old.hard()).array());
    }
    return 0;
  }
}
