package io.loomvisor.kernel.syscall;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;

/**
 * A reference to the description behind a descriptor for the length of one syscall: {@code try
 * (OpenFile f = …)}.
 */
public final class OpenFile implements AutoCloseable {
  private final FileDescription description;

  private OpenFile(FileDescription description) {
    this.description = description;
  }

  /** Any open descriptor, O_PATH ones included; EBADF. */
  public static OpenFile any(Task task, int fd) {
    return new OpenFile(task.descriptors().get(fd));
  }

  /** A descriptor good for file operations: not O_PATH; EBADF. */
  public static OpenFile of(Task task, int fd) {
    return any(task, fd).require(d -> (d.statusFlags() & OpenFlags.O_PATH) == 0);
  }

  /** A descriptor open for reading; EBADF. */
  public static OpenFile readable(Task task, int fd) {
    return any(task, fd).require(FileDescription::readable);
  }

  /** A descriptor open for writing; EBADF. */
  public static OpenFile writable(Task task, int fd) {
    return any(task, fd).require(FileDescription::writable);
  }

  private OpenFile require(java.util.function.Predicate<FileDescription> good) {
    if (!good.test(description)) {
      close();
      throw Errno.EBADF.exception();
    }
    return this;
  }

  public FileDescription description() {
    return description;
  }

  @Override
  public void close() {
    description.release();
  }

  /**
   * Enters a new description at the lowest free descriptor and returns that; the caller's reference
   * goes to the table, or on EMFILE is given back.
   */
  public static int install(Task task, FileDescription description, boolean closeOnExec) {
    try {
      return task.descriptors()
          .install(description, 0, task.group().limits().openFiles(), closeOnExec);
    } catch (RuntimeException | Error e) {
      description.release();
      throw e;
    }
  }
}
