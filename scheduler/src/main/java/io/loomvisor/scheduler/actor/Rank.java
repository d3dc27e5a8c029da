package io.loomvisor.scheduler.actor;

/**
 * The ask order: while a thread holds an actor, it may ask only actors of a lower rank. Declared
 * top first; a rank may ask every rank below it in this list, never itself or one above. {@code
 * tell} is free of the order, as it never waits.
 */
public enum Rank {
  /** Choice of the process that is killed when memory is short: looks at all processes. */
  OUT_OF_MEMORY,
  /** Interval timers of a process: ask for its CPU time. */
  TIMERS,
  /** Process tree: pids, parents, sessions, wait. */
  PROCESS_TREE,
  /** Who traces whom, and what stands still for it: sends signals. */
  TRACING,
  /** Signal state of a thread group. */
  SIGNALS,
  /** Nesting of epoll instances in one another. */
  EPOLL_NESTING,
  /**
   * Sockets of the sandbox and other two-ended objects that hold references to descriptions
   * (AF_UNIX, epoll).
   */
  ENDPOINT,
  /** Keys and identifiers of System V IPC. */
  IPC,
  /** One semaphore set or message queue. */
  IPC_OBJECT,
  /** Table of open file descriptors. */
  FD_TABLE,
  /** Mount tree. */
  MOUNTS,
  /** Name space of the stacked file system (overlay): asks the file systems below it. */
  STACKED_FILESYSTEM,
  /** Name space and metadata of one file system. */
  FILESYSTEM,
  /** Futex buckets: ask the memory manager for the value and the key. */
  FUTEX,
  /** One address space: VMAs and page tables. */
  MEMORY,
  /** One inode's data: page cache, pipe buffer, terminal queue. */
  INODE,
  /** The connection to the gofer. */
  GOFER,
  /** Frames of the memory file. */
  FRAMES,
  /** vCPU pool, timers: ask nobody. */
  LEAF
}
