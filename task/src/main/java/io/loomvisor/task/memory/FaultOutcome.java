package io.loomvisor.task.memory;

/** What came of a page fault of the application. */
public enum FaultOutcome {
  /** The page is there now: run the instruction again. */
  RESOLVED,
  /** No VMA: SIGSEGV, SEGV_MAPERR. */
  NOT_MAPPED,
  /** The VMA forbids it: SIGSEGV, SEGV_ACCERR. */
  NOT_PERMITTED,
  /** Beyond the end of the mapped file, or the file could not be read: SIGBUS, BUS_ADRERR. */
  NO_PAGE,
  /** The sandbox is out of memory: the process is killed. */
  OUT_OF_MEMORY
}
