package io.loomvisor.runtime.oci.verb;

import io.loomvisor.runtime.host.HostProcess;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The container whose sandbox has a network namespace, and so the network that another container is
 * to share (docker run --network container:ID, the containers of a pod).
 *
 * <p>It may end at any moment. Whoever acts upon this asks {@link #require} after it has got hold
 * of what it needs of the process, and finds out for good when the sandbox answers or does not.
 *
 * @param pid of the sentry
 * @param startTime of that process
 */
record NetworkOwner(Path directory, String id, int pid, long startTime) {
  /**
   * Looks among all containers under {@code root}. Null if none has it.
   *
   * @param namespace a path of it
   */
  static NetworkOwner find(Path root, String namespace) throws IOException {
    Object wanted = key(Path.of(namespace));
    if (wanted == null || !Files.isDirectory(root)) {
      return null;
    }
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path d : directories) {
        NetworkOwner owner = of(root, d);
        if (owner != null && wanted.equals(owner.namespace("net")) && owner.alive()) {
          return owner;
        }
      }
    }
    return null;
  }

  /** Null if it has no sandbox of its own that runs. */
  private static NetworkOwner of(Path root, Path directory) throws IOException {
    ContainerState state = StateDirectory.peek(root, directory.getFileName().toString());
    if (state == null || state.pid() == 0 || StateDirectory.sandbox(directory) != null) {
      return null;
    }
    return switch (state.status()) {
      case ContainerState.CREATED, ContainerState.RUNNING, ContainerState.PAUSED ->
          new NetworkOwner(directory, state.id(), state.pid(), state.startTime());
      default -> null;
    };
  }

  /** What a file system calls the namespace: device and inode. Null if the process has ended. */
  private Object namespace(String kind) throws IOException {
    return key(Path.of(path(kind)));
  }

  /** Whether {@code path} is a path of a namespace that it has. */
  boolean has(String kind, String path) throws IOException {
    Object wanted = path == null ? null : key(Path.of(path));
    return wanted != null && wanted.equals(namespace(kind));
  }

  /** Of one of its namespaces. */
  String path(String kind) {
    return "/proc/" + pid + "/ns/" + kind;
  }

  private boolean alive() throws IOException {
    return HostProcess.startTime(pid) == startTime;
  }

  /** Its pid has been its own until now, or this fails. */
  void require() throws IOException {
    if (!alive()) {
      throw new RuntimeFailure(
          "container " + id + ", whose network is to be shared, has ended meanwhile");
    }
  }

  private static Object key(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
