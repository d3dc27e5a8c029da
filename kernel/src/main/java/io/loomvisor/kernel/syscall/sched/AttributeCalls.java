package io.loomvisor.kernel.syscall.sched;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.syscall.ExtensibleStruct;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * sched_setattr(2) and sched_getattr(2).
 *
 * <pre>
 *   struct sched_attr:  0 size    4 policy   8 flags   16 nice   20 priority
 *                      24 runtime   32 deadline   40 period   48 util_min   52 util_max
 * </pre>
 */
public final class AttributeCalls {
  private static final int SIZE_VER0 = 48;
  private static final int SIZE_VER1 = 56;
  private static final int PAGE_SIZE = 4096;
  private static final int POLICY = 4;
  private static final int FLAGS = 8;
  private static final int NICE = 16;
  private static final int PRIORITY = 20;
  private static final long FLAG_RESET_ON_FORK = 1;
  private static final long FLAG_KEEP_POLICY = 8;
  private static final long FLAG_KEEP_PARAMS = 16;
  private static final long FLAG_UTIL_CLAMP = 32 | 64;
  private static final long FLAG_ALL = 127;

  private final SchedulingTargets targets;

  public AttributeCalls(ProcessTree processes) {
    targets = new SchedulingTargets(processes);
  }

  public void register(SyscallTable.Builder b) {
    b.partial(
        SyscallNumber.SCHED_SETATTR,
        Notes.POLICY + "; SCHED_DEADLINE: EPERM; utilization clamping: EOPNOTSUPP",
        this::setAttributes);
    b.full(SyscallNumber.SCHED_GETATTR, this::getAttributes);
  }

  private long setAttributes(Task task, SyscallArguments a) {
    if (a.get(1) == 0 || a.getInt(0) < 0 || a.getInt(2) != 0) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer attributes = read(task, a.get(1));
    long flags = attributes.getLong(FLAGS);
    int policy = attributes.getInt(POLICY);
    if (policy < 0) {
      throw Errno.EINVAL.exception();
    }
    Task target = targets.thread(task, a.getInt(0));
    Scheduling now = target.scheduling();
    if ((flags & FLAG_KEEP_POLICY) != 0) {
      policy = now.policy();
    }
    boolean keep = (flags & FLAG_KEEP_PARAMS) != 0;
    if ((flags & ~FLAG_ALL) != 0) {
      throw Errno.EINVAL.exception();
    }
    if (policy == Scheduling.SCHED_DEADLINE) {
      throw refusedDeadline(attributes);
    }
    int nice = Math.clamp(attributes.getInt(NICE), Scheduling.MIN_NICE, Scheduling.MAX_NICE);
    boolean reset = (flags & FLAG_RESET_ON_FORK) != 0;
    int priority = attributes.getInt(PRIORITY);
    if ((flags & FLAG_UTIL_CLAMP) != 0) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (keep) {
      // Linux takes the present parameters in place of those given, and with them keeps the policy.
      new PolicyChange(target, now.policy(), now.nice(), now.priority(), reset).apply(task);
    } else {
      new PolicyChange(target, policy, nice, priority, reset).apply(task);
    }
    return 0;
  }

  /** Bad parameters are EINVAL as ever; good ones are not offered here. */
  private static LinuxException refusedDeadline(ByteBuffer attributes) {
    long runtime = attributes.getLong(24);
    long deadline = attributes.getLong(32);
    long period = attributes.getLong(40);
    boolean valid =
        runtime >= 1024
            && deadline != 0
            && deadline >= runtime
            && (period == 0 || period >= deadline)
            && attributes.getInt(PRIORITY) == 0;
    return valid ? Errno.EPERM.exception() : Errno.EINVAL.exception();
  }

  /** Linux: sched_copy_attr. A size that is not understood is answered with the one that is. */
  private static ByteBuffer read(Task task, long address) {
    int given = task.memory().getInt(address);
    int size = given == 0 ? SIZE_VER0 : given;
    try {
      if (size < SIZE_VER0 || size > PAGE_SIZE) {
        throw Errno.E2BIG.exception();
      }
      ByteBuffer b = ByteBuffer.allocate(SIZE_VER1).order(ByteOrder.LITTLE_ENDIAN);
      if (size < SIZE_VER1) {
        b.put(0, task.memory().copyIn(address, size));
        if ((b.getLong(FLAGS) & FLAG_UTIL_CLAMP) != 0) {
          throw Errno.EINVAL.exception();
        }
        return b;
      }
      return ExtensibleStruct.read(task, address, size, SIZE_VER1);
    } catch (LinuxException e) {
      if (e.errno() == Errno.E2BIG) {
        task.memory().putInt(address, SIZE_VER1);
      }
      throw e;
    }
  }

  private long getAttributes(Task task, SyscallArguments a) {
    int size = a.getInt(2);
    if (a.get(1) == 0
        || a.getInt(0) < 0
        || size < SIZE_VER0
        || size > PAGE_SIZE
        || a.getInt(3) != 0) {
      throw Errno.EINVAL.exception();
    }
    Scheduling s = targets.thread(task, a.getInt(0)).scheduling();
    int told = Math.min(size, SIZE_VER1);
    ByteBuffer b = ByteBuffer.allocate(told).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0, told).putInt(POLICY, s.policy());
    b.putLong(FLAGS, s.resetOnFork() ? FLAG_RESET_ON_FORK : 0);
    if (Scheduling.realTime(s.policy())) {
      b.putInt(PRIORITY, s.priority());
    } else {
      b.putInt(NICE, s.nice());
    }
    task.memory().copyOut(a.get(1), b.array());
    return 0;
  }
}
