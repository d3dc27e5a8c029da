package io.loomvisor.vfs;

import java.lang.foreign.MemorySegment;

/** What the file systems may know of the task that calls. Implemented by {@code task.Task}. */
public interface Caller {
  Credentials credentials();

  /**
   * Thread id (the pid of the one thread), thread-group id (getpid), process group and session, as
   * the caller sees them.
   */
  int threadId();

  int threadGroupId();

  int processGroupId();

  int sessionId();

  /**
   * What follows takes effect, and then may have to wait for an event. A caller whose call could
   * not go on then ends it here, by an exception that is nobody else's business.
   */
  default void aboutToWait() {}

  /** Fills {@code target} from application memory; EFAULT if any byte is not readable. */
  void copyIn(long address, MemorySegment target);

  /**
   * Writes {@code source} to application memory; EFAULT if any byte is not writable (earlier bytes
   * may be written).
   */
  void copyOut(long address, MemorySegment source);
}
