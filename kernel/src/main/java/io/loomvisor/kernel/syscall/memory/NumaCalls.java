package io.loomvisor.kernel.syscall.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.credential.PtraceAccess;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.MemoryPolicy;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory policies of one node, which is all there is (numa(7), mm/mempolicy.c). */
public final class NumaCalls {
  private static final int MPOL_F_NODE = 1;
  private static final int MPOL_F_ADDR = 2;
  private static final int MPOL_F_MEMS_ALLOWED = 4;
  private static final int MPOL_MF_MOVE_ALL = 4;
  private static final int MPOL_MF_VALID = 7;
  private static final int PAGE_SIZE = 4096;

  /** The mask of node 0. */
  private static final long NODES = 1;

  private final ProcessTree processes;

  public NumaCalls(ProcessTree processes) {
    this.processes = processes;
  }

  public void register(SyscallTable.Builder b) {
    String note = "there is one node";
    b.partial(SyscallNumber.GET_MEMPOLICY, note, this::getPolicy);
    b.partial(SyscallNumber.SET_MEMPOLICY, note, this::setPolicy);
    b.partial(SyscallNumber.MBIND, note, this::bind);
    b.partial(SyscallNumber.MIGRATE_PAGES, note, this::migrate);
  }

  private long setPolicy(Task task, SyscallArguments a) {
    int mode = checkedMode(a.getInt(0));
    long nodes = nodes(task, a.get(1), a.get(2));
    task.settings().setMemoryPolicy(policy(mode, nodes));
    return 0;
  }

  private long bind(Task task, SyscallArguments a) {
    int mode = checkedMode(a.getInt(2));
    long nodes = nodes(task, a.get(3), a.get(4));
    int flags = a.getInt(5);
    if ((flags & ~MPOL_MF_VALID) != 0) {
      throw Errno.EINVAL.exception();
    }
    if ((flags & MPOL_MF_MOVE_ALL) != 0 && !task.credentials().has(Credentials.CAP_SYS_NICE)) {
      throw Errno.EPERM.exception();
    }
    long start = a.get(0);
    long end = start + (a.get(1) + PAGE_SIZE - 1 & -PAGE_SIZE);
    if ((start & PAGE_SIZE - 1) != 0 || Long.compareUnsigned(end, start) < 0) {
      throw Errno.EINVAL.exception();
    }
    if (start != end) {
      task.memoryManager().setPolicy(start, end, policy(mode, nodes));
    }
    return 0;
  }

  /** sanitize_mpol_flags(): the mode with its flags. */
  private static int checkedMode(int mode) {
    int flags = modeFlags(mode);
    int plain = mode & ~flags;
    boolean both =
        (flags & MemoryPolicy.MPOL_F_STATIC_NODES) != 0
            && (flags & MemoryPolicy.MPOL_F_RELATIVE_NODES) != 0;
    boolean balancing = (flags & MemoryPolicy.MPOL_F_NUMA_BALANCING) != 0;
    boolean canBalance =
        plain == MemoryPolicy.MPOL_BIND || plain == MemoryPolicy.MPOL_PREFERRED_MANY;
    if (plain < 0
        || plain > MemoryPolicy.MPOL_WEIGHTED_INTERLEAVE
        || both
        || balancing && !canBalance) {
      throw Errno.EINVAL.exception();
    }
    return mode;
  }

  private static int modeFlags(int mode) {
    return mode
        & (MemoryPolicy.MPOL_F_STATIC_NODES
            | MemoryPolicy.MPOL_F_RELATIVE_NODES
            | MemoryPolicy.MPOL_F_NUMA_BALANCING);
  }

  /** mpol_new() and mpol_set_nodemask(). */
  private static MemoryPolicy policy(int given, long nodes) {
    int flags = modeFlags(given);
    int mode = given & ~flags;
    if (mode == MemoryPolicy.MPOL_PREFERRED && nodes == 0 && flags == 0) {
      mode = MemoryPolicy.MPOL_LOCAL;
    }
    if (mode == MemoryPolicy.MPOL_DEFAULT || mode == MemoryPolicy.MPOL_LOCAL) {
      if (nodes != 0 || mode == MemoryPolicy.MPOL_LOCAL && flags != 0) {
        throw Errno.EINVAL.exception();
      }
      return mode == MemoryPolicy.MPOL_DEFAULT
          ? MemoryPolicy.DEFAULT
          : new MemoryPolicy(mode, 0, 0);
    }
    boolean relative = (flags & MemoryPolicy.MPOL_F_RELATIVE_NODES) != 0;
    if (nodes == 0 || (nodes & NODES) == 0 && !relative) {
      throw Errno.EINVAL.exception();
    }
    return new MemoryPolicy(mode, flags, NODES);
  }

  /** get_nodes(): the first 64 bits of the mask; bits beyond that no kernel has nodes for. */
  private static long nodes(Task task, long address, long maxNode) {
    long bits = maxNode - 1;
    if (bits == 0 || address == 0) {
      return 0;
    }
    if (Long.compareUnsigned(bits, PAGE_SIZE * 8L) > 0) {
      throw Errno.EINVAL.exception();
    }
    int bytes = (int) ((bits + 63) / 64 * Long.BYTES);
    byte[] mask = task.memory().copyIn(address, bytes);
    for (int i = Long.BYTES; i < bytes; i++) {
      if (mask[i] != 0) {
        throw Errno.EINVAL.exception();
      }
    }
    long first = ByteBuffer.wrap(mask).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    return bits < 64 ? first & (1L << bits) - 1 : first;
  }

  private long getPolicy(Task task, SyscallArguments a) {
    long modeAddress = a.get(0);
    long maskAddress = a.get(1);
    long address = a.get(3);
    long flags = a.get(4);
    boolean allowed = (flags & MPOL_F_MEMS_ALLOWED) != 0;
    boolean byAddress = (flags & MPOL_F_ADDR) != 0;
    boolean node = (flags & MPOL_F_NODE) != 0;
    boolean bad =
        (flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) != 0
            || maskAddress != 0 && a.get(2) < 1
            || allowed && (byAddress || node)
            || !allowed && !byAddress && address != 0;
    if (bad) {
      throw Errno.EINVAL.exception();
    }
    MemoryPolicy policy =
        byAddress ? task.memoryManager().policyAt(address) : task.settings().memoryPolicy();
    if (node && !byAddress && !interleaves(policy)) {
      throw Errno.EINVAL.exception();
    }
    if (modeAddress != 0) {
      int mode = allowed || node ? 0 : policy.mode() | policy.flags();
      task.memory().putInt(modeAddress, mode);
    }
    if (maskAddress != 0) {
      putNodes(task, maskAddress, a.get(2), allowed ? NODES : policy.nodes());
    }
    return 0;
  }

  private static boolean interleaves(MemoryPolicy policy) {
    return policy.mode() == MemoryPolicy.MPOL_INTERLEAVE
        || policy.mode() == MemoryPolicy.MPOL_WEIGHTED_INTERLEAVE;
  }

  private static void putNodes(Task task, long address, long maxNode, long nodes) {
    long bytes = (maxNode - 1 + 63) / 64 * Long.BYTES;
    if (bytes > PAGE_SIZE) {
      throw Errno.EINVAL.exception();
    }
    MemorySegment mask = MemorySegment.ofArray(new byte[(int) Math.max(bytes, 0)]);
    if (bytes > 0) {
      mask.set(ValueLayout.JAVA_BYTE, 0, (byte) nodes);
    }
    task.memory().copyOut(address, mask);
  }

  /** Everything is where it can be: nothing stays to be moved. */
  private long migrate(Task task, SyscallArguments a) {
    nodes(task, a.get(2), a.get(1));
    long target = nodes(task, a.get(3), a.get(1));
    int pid = a.getInt(0);
    Task other = pid == 0 ? task : processes.task(pid);
    if (other == null) {
      throw Errno.ESRCH.exception();
    }
    PtraceAccess.check(task, other);
    if ((target & ~NODES) != 0 && !task.credentials().has(Credentials.CAP_SYS_NICE)) {
      throw Errno.EPERM.exception();
    }
    if ((target & NODES) == 0) {
      throw Errno.EINVAL.exception();
    }
    return 0;
  }
}
