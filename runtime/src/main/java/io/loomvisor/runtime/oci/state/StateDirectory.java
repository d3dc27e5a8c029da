package io.loomvisor.runtime.oci.state;

import com.google.gson.JsonParseException;
import io.loomvisor.runtime.host.HostFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;

/**
 * The directory of one container, held exclusively: closed at the end of the verb, or earlier.
 *
 * <p>The lock is on a file in the directory itself, so whoever gets it looks again whether the
 * directory is still the one of that name.
 */
public final class StateDirectory implements AutoCloseable {
  public static final String CONFIG = "config.json";
  public static final String CONTROL = "control.sock";
  public static final String LOG = "sentry.log";

  /** The named pipes by which the launcher's own verbs ask the sentry (src/main/sh/verbs). */
  public static final String REQUESTS = "requests";

  public static final String ANSWERS = "answers";

  /** What those verbs must know of the configuration; they leave a container without it alone. */
  public static final String PLAIN = "plain";

  /** Of a container that is in the sandbox of another: the id of that one. */
  public static final String SANDBOX = "sandbox";

  private static final String STATE = "state.json";
  private static final String LOCK = "lock";
  private static final Pattern ID = Pattern.compile("[\\w+.-]{1,1024}");

  private final Path path;
  private final int lock;

  private StateDirectory(Path path, int lock) {
    this.path = path;
    this.lock = lock;
  }

  /** Makes the directory of a new container. */
  public static StateDirectory create(Path root, String id) throws IOException {
    Path path = path(root, id);
    var onlyOwner =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    if (!Files.isDirectory(root)) {
      Files.createDirectories(root, onlyOwner);
    }
    try {
      Files.createDirectory(path, onlyOwner);
    } catch (FileAlreadyExistsException e) {
      throw new RuntimeFailure("container with given ID already exists");
    }
    return lock(path);
  }

  /** Waits until no other verb holds the container's. */
  public static StateDirectory open(Path root, String id) throws IOException {
    Path path = path(root, id);
    try {
      if (!Files.isDirectory(path)) {
        throw new NoSuchFileException(path.toString()); // without the cost of a native call
      }
      return lock(path);
    } catch (NoSuchFileException e) {
      throw new RuntimeFailure("container does not exist");
    }
  }

  /**
   * Of a new container whose creator holds the lock and has handed it down to this process, so that
   * nobody else gets it before both have let it go.
   *
   * @param lock this process's descriptor, from here on this object's
   */
  public static StateDirectory inherited(Path path, int lock) {
    return new StateDirectory(path, lock);
  }

  private static StateDirectory lock(Path path) throws IOException {
    Path file = path.resolve(LOCK);
    for (; ; ) {
      int held = HostFile.openLocked(file.toString());
      if (HostFile.isAt(held, file)) {
        return new StateDirectory(path, held);
      }
      HostFile.close(held); // deleted, and perhaps made again, while this waited
    }
  }

  private static Path path(Path root, String id) throws RuntimeFailure {
    if (!ID.matcher(id).matches() || id.equals(".") || id.equals("..")) {
      throw new RuntimeFailure("invalid container ID format: " + id);
    }
    return root.resolve(id);
  }

  public Path path() {
    return path;
  }

  /** Null if a verb died while it made the container. */
  public ContainerState read() throws IOException {
    try {
      return ContainerState.parse(Files.readString(path.resolve(STATE)));
    } catch (NoSuchFileException e) {
      return null;
    } catch (JsonParseException | IllegalStateException e) {
      throw new RuntimeFailure("state of the container is damaged: " + e.getMessage());
    }
  }

  /** The container in whose sandbox this one is; null if it has its own. */
  public String sandbox() throws IOException {
    return sandbox(path);
  }

  /** As {@link #sandbox()}, of the container in {@code directory}, without holding it. */
  public static String sandbox(Path directory) throws IOException {
    try {
      return Files.readString(directory.resolve(SANDBOX));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Without holding it: what is there at this moment; null if nothing is. */
  public static ContainerState peek(Path root, String id) throws IOException {
    try {
      return ContainerState.parse(Files.readString(path(root, id).resolve(STATE)));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  public void write(ContainerState state) throws IOException {
    replace(STATE, state.text());
  }

  /** Writes a file so that it is there whole or not at all. */
  public void replace(String name, String text) throws IOException {
    writeAtomically(path.resolve(name), text);
  }

  public static void writeAtomically(Path file, String text) throws IOException {
    Path next = file.resolveSibling("." + file.getFileName() + ".next");
    try (FileChannel out =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      // An encoder goes character by character, which a JVM that starts takes 6 ms for.
      out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes the directory, the lock file last, so that a second try finds what is left. */
  public void remove() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        if (!file.getFileName().toString().equals(LOCK)) {
          Files.delete(file);
        }
      }
    }
    Files.delete(path.resolve(LOCK));
    Files.delete(path);
  }

  @Override
  public void close() {
    HostFile.close(lock);
  }
}
