package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.runtime.host.RawArguments;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.WalkContext;
import java.util.List;

/** Finds the command inside the sandbox as execvp(3) does. */
final class CommandSearch {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final int EXECUTE = 1;

  private final FileTree tree;
  private final WalkContext context;

  CommandSearch(FileTree tree, WalkContext context) {
    this.tree = tree;
    this.context = context;
  }

  /** The path to give to execve(2). */
  String find(String command, List<String> environment) throws StartFailure {
    if (command.indexOf('/') >= 0) {
      return command;
    }
    boolean refused = false;
    for (String directory : path(environment).split(":", -1)) {
      String candidate = directory.isEmpty() ? command : directory + "/" + command;
      try {
        VfsPath file = tree.walk(context, candidate, FileTree.FOLLOW);
        if (FileMode.isRegular(file.inode().mode())) {
          tree.access(context, file, EXECUTE);
          return candidate;
        }
      } catch (LinuxException e) {
        refused |= e.errno() == Errno.EACCES;
      }
    }
    String name = RawArguments.decode(command);
    throw refused
        ? new StartFailure(StartFailure.CANNOT_RUN, name + ": permission denied")
        : new StartFailure(
            StartFailure.NOT_FOUND, name + ": command not found in the sandbox's PATH");
  }

  private static String path(List<String> environment) {
    for (String e : environment) {
      if (e.startsWith("PATH=")) {
        return e.substring("PATH=".length());
      }
    }
    return DEFAULT_PATH;
  }
}
