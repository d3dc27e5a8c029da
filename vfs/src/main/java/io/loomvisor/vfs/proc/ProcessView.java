package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.MountNamespace;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One thread as /proc shows it. A handle: it may be kept after the thread has gone, then {@link
 * #status} throws ESRCH and the others answer as for a zombie. Any thread may call, holding no
 * actor. Files of /proc/PID use the view of the thread-group leader; those of /proc/PID/task/TID
 * that of the thread.
 *
 * <p>Permission is the business of {@code proc}, not of the implementation: it asks only for what
 * the reader may see.
 */
public interface ProcessView {
  /** Numbers, name, state, times, identity; ESRCH once the thread has been reaped. */
  TaskStatus status();

  /** Sizes and bounds of the address space; null for a zombie. */
  MemoryStatus memory();

  /** The mappings in ascending order of address; empty for a zombie. */
  List<MemoryMapping> mappings();

  /**
   * Reads the address space as a debugger would: whatever is mapped, readable or not, faulting
   * pages in.
   *
   * @return bytes read up to the first that is not mapped; EIO if that is the first, 0 for a zombie
   */
  long readMemory(long address, MemorySegment target);

  /**
   * Writes the address space as a debugger would, breaking copy-on-write; otherwise as {@link
   * #readMemory}.
   */
  long writeMemory(long address, MemorySegment source);

  /** The auxiliary vector as exec put it on the stack, AT_NULL included; empty for a zombie. */
  byte[] auxiliaryVector();

  /** The file that exec opened; null for a zombie. */
  VfsPath executable();

  /** The working directory; null for a zombie. */
  VfsPath workingDirectory();

  /** The root directory; null for a zombie. */
  VfsPath root();

  /** The mounts that it sees; null for a zombie. */
  MountNamespace mounts();

  /** Open descriptor numbers in ascending order; empty for a zombie. */
  int[] descriptors();

  /**
   * The description behind {@code fd}, with one reference for the caller to {@code release}; null
   * if not open.
   */
  FileDescription retain(int fd);

  /** Whether {@code fd} is open with FD_CLOEXEC. */
  boolean closeOnExec(int fd);

  /** A limit of getrlimit(2) by number, 0 (RLIMIT_CPU) to 15 (RLIMIT_RTTIME). */
  ResourceLimit limit(int resource);

  /** /proc/PID/comm was written; at most 15 bytes, ISO 8859-1. */
  void setName(String name);

  /** -1000 to 1000. */
  int oomScoreAdjustment();

  void setOomScoreAdjustment(int value);

  /** Nine bits: which mappings a core dump would have. */
  int coredumpFilter();

  void setCoredumpFilter(int value);

  /** The execution domain of personality(2). */
  default int personality() {
    return 0;
  }

  /**
   * Bytes that read(2), write(2) and kin moved, and the number of such calls.
   *
   * @param thread of the one thread only
   */
  default IoCounters io(boolean thread) {
    return IoCounters.NONE;
  }

  /**
   * The system call it is blocked in: number and registers as /proc/PID/syscall wants them, or
   * "running".
   */
  default String systemCall() {
    return "running";
  }

  /** A resource limit; {@link #INFINITY} is RLIM_INFINITY. */
  record ResourceLimit(long soft, long hard) {
    public static final long INFINITY = -1;
  }

  /** See /proc/PID/io in proc(5). */
  record IoCounters(long readBytes, long writtenBytes, long readCalls, long writeCalls) {
    public static final IoCounters NONE = new IoCounters(0, 0, 0, 0);
  }
}
