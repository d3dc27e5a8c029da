package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.kernel.ProcessStart;
import io.loomvisor.runtime.host.RawArguments;
import io.loomvisor.runtime.oci.spec.ConfigException;
import io.loomvisor.runtime.oci.spec.ProcessConfig;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A process of a container that has been found to be startable, and not been started yet. */
final class ContainerProcess {
  private static final int EXECUTE = 1;
  private static final int PASSWD_LIMIT = 1 << 20;
  private static final int PASSWD_UID = 2;
  private static final int PASSWD_HOME = 5;

  private final Kernel kernel;
  private final ProcessConfig config;
  private final FsContext fs;
  private final String path;
  private final List<String> environment;
  private final SeccompState filters;

  private ContainerProcess(
      Kernel kernel,
      ProcessConfig config,
      FsContext fs,
      String path,
      List<String> environment,
      SeccompState filters) {
    this.filters = filters;
    this.kernel = kernel;
    this.config = config;
    this.fs = fs;
    this.path = path;
    this.environment = environment;
  }

  /**
   * Enters the working directory, which is made if it is missing, and looks for the program.
   *
   * @param filters of the container
   * @throws ConfigException with the words that Docker knows a missing program by
   */
  static ContainerProcess prepare(
      Kernel kernel, MountNamespace mounts, ProcessConfig config, SeccompState filters)
      throws ConfigException {
    FileTree tree = kernel.fileTree();
    VfsPath root = mounts.root();
    WalkContext asRoot = new WalkContext(mounts, root, root, 0, KernelCaller.ROOT);
    KernelCaller caller = new KernelCaller(config.credentials());
    VfsPath directory = workingDirectory(tree, asRoot, config.cwd());
    WalkContext context = new WalkContext(mounts, root, directory, config.umask(), caller);
    List<String> environment = new ArrayList<>(config.env());
    if (environment.stream().noneMatch(e -> e.startsWith("HOME="))) {
      environment.add("HOME=" + home(tree, asRoot, config.credentials().uid()));
    }
    String path = find(tree, context, config.args().getFirst(), environment);
    FsContext fs = new FsContext(mounts, root, directory, config.umask());
    return new ContainerProcess(kernel, config, fs, path, environment, filters);
  }

  private static VfsPath workingDirectory(FileTree tree, WalkContext context, String path)
      throws ConfigException {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      makeDirectory(tree, context, path.substring(0, slash));
    }
    makeDirectory(tree, context, path);
    try {
      VfsPath place = tree.walk(context, path, FileTree.FOLLOW);
      if (!FileMode.isDirectory(place.inode().mode())) {
        throw Errno.ENOTDIR.exception();
      }
      return place;
    } catch (LinuxException e) {
      throw new ConfigException("chdir to cwd (\"" + path + "\") set in config.json: " + words(e));
    }
  }

  private static void makeDirectory(FileTree tree, WalkContext context, String path) {
    try {
      tree.mkdir(context, path, 0755);
    } catch (LinuxException e) {
      // It is there, or cannot be: then entering it says so.
      assert e.errno() != null;
    }
  }

  private static String find(
      FileTree tree, WalkContext context, String command, List<String> environment)
      throws ConfigException {
    String name = "exec: \"" + RawArguments.decode(command) + "\": ";
    if (command.indexOf('/') < 0) {
      try {
        return new CommandSearch(tree, context).find(command, environment);
      } catch (StartFailure e) {
        boolean missing = e.status() == StartFailure.NOT_FOUND;
        throw new ConfigException(
            name + (missing ? "executable file not found in $PATH" : "permission denied"));
      }
    }
    try {
      VfsPath file = tree.walk(context, command, FileTree.FOLLOW);
      if (FileMode.isDirectory(file.inode().mode())) {
        throw new ConfigException(name + "is a directory");
      }
      tree.access(context, file, EXECUTE);
      return command;
    } catch (LinuxException e) {
      boolean missing = e.errno() == Errno.ENOENT;
      throw new ConfigException(
          name + (missing ? "stat " + RawArguments.decode(command) + ": " : "") + words(e));
    }
  }

  /** As Go's errors read, which Docker looks into. */
  private static String words(LinuxException e) {
    return e.errno().text().toLowerCase(java.util.Locale.ROOT);
  }

  /** The home directory of {@code uid} in the container's /etc/passwd; "/" if it has none. */
  private static String home(FileTree tree, WalkContext context, int uid) {
    try {
      FileDescription file =
          tree.open(context, "/etc/passwd", OpenFlags.O_RDONLY, 0, FileTree.FOLLOW);
      try {
        byte[] bytes = new byte[PASSWD_LIMIT];
        HeapBuffer target = HeapBuffer.wrap(bytes);
        while (target.remaining() > 0 && file.read(target) > 0) {}
        String text = new String(bytes, 0, target.position(), StandardCharsets.ISO_8859_1);
        for (String line : text.split("\n")) {
          String[] fields = line.split(":", -1);
          if (fields.length > PASSWD_HOME
              && fields[PASSWD_UID].equals(Integer.toUnsignedString(uid))) {
            return fields[PASSWD_HOME];
          }
        }
      } finally {
        file.release();
      }
    } catch (LinuxException e) {
      // No such file: no home.
      assert e.errno() != null;
    }
    return "/";
  }

  ProcessConfig config() {
    return config;
  }

  /** Starts it, the leader of a session. */
  ThreadGroup start(StandardStreams streams) throws ConfigException {
    ResourceLimits limits = ResourceLimits.initial();
    config.limits().forEach(limits::set);
    try {
      ThreadGroup group =
          kernel.start(
              new ProcessStart(
                      fs,
                      streams.descriptors(),
                      config.credentials(),
                      path,
                      config.args(),
                      environment)
                  .withTerminal(streams.terminal())
                  .withLimits(limits)
                  .withSeccomp(filters));
      if (config.oomScoreAdj() != null) {
        group.settings().setOomScoreAdjustment(config.oomScoreAdj());
      }
      return group;
    } catch (LinuxException e) {
      throw new ConfigException("exec " + RawArguments.decode(path) + ": " + words(e));
    }
  }
}
