package io.loomvisor.vfs.cache;

import io.loomvisor.gofer.abi.FileStat;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * What a {@link CachedFile} keeps pages of: a file outside the sandbox. Its calls may block in the
 * host kernel.
 */
public interface Storage {
  /**
   * Calls {@code use} with the open file, which stays open until it returns. Called with no actor
   * of rank INODE or lower held, since opening may need a message.
   *
   * @param write it will be changed
   * @throws io.loomvisor.gofer.abi.LinuxException it cannot be opened so
   */
  <R> R open(boolean write, Function<Handle, R> use);

  /**
   * The open file; called also with the inode's actor held. Every call may throw the host's errno.
   */
  interface Handle {
    /** Fills native {@code target}; bytes read, 0 at the end of the file. */
    long read(MemorySegment target, long offset);

    /** Writes native {@code source}; bytes written. */
    long write(MemorySegment source, long offset);

    /** As {@link #write}, at the end of the file, wherever that is then; atomic. */
    long append(MemorySegment source);

    /** The end of what {@link #append} has written last through this handle's file. */
    long appended();

    /** Its attributes as they are now. */
    FileStat stat();

    void truncate(long size);

    /** fallocate(2). */
    void allocate(int mode, long offset, long length);

    /** lseek(2), SEEK_DATA and SEEK_HOLE. */
    long seek(long offset, int whence);

    /** fsync(2) or fdatasync(2). */
    void sync(boolean dataOnly);
  }
}
