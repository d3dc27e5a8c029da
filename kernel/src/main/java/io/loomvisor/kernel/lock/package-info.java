/**
 * Advisory locks: record locks of fcntl(2) and locks of flock(2). One actor, {@link
 * io.loomvisor.kernel.lock.FileLocks}, owns them all; the file syscalls ask it and wait in their
 * own loop.
 */
package io.loomvisor.kernel.lock;
