package io.loomvisor.kernel.loader;

import io.loomvisor.task.Task;
import java.util.List;

/** Makes an {@link ExecImage} out of a file. Leaves the calling task as it is, whatever happens. */
public interface ProgramLoader {
  /**
   * Loads for execveat(2).
   *
   * @param directory descriptor that a relative path starts from; AT_FDCWD
   * @param flags AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW
   * @param arguments strings in ISO 8859-1
   * @throws io.loomvisor.gofer.abi.LinuxException ENOENT, EACCES, ENOEXEC, ELOOP, E2BIG, ENOMEM, …
   */
  ExecImage load(
      Task task,
      int directory,
      String path,
      int flags,
      List<String> arguments,
      List<String> environment);
}
