package io.loomvisor.vfs.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;

/**
 * Descriptors 0, 1 and 2 of the sentry, taken over for the first process. The sentry keeps private
 * duplicates; when the application has closed its last description of one, the duplicate is closed
 * too, and whoever is at the other end of a pipe sees that.
 */
public final class HostStreams {
  public static final int STDIN = 0;
  public static final int STDOUT = 1;
  public static final int STDERR = 2;

  private static final int COUNT = 3;
  private static final int LOWEST_PRIVATE = 10;

  private final HostWatcher watcher;
  private final HostFilesystem filesystem;
  private final FileDescription[] descriptions = new FileDescription[COUNT];
  private final int[] terminals = {-1, -1, -1};
  private final List<HostFile> terminalFiles = new CopyOnWriteArrayList<>();

  private HostStreams(HostWatcher watcher, HostFilesystem filesystem) {
    this.watcher = watcher;
    this.filesystem = filesystem;
  }

  /**
   * Takes the standard streams over. To be called once, before the sentry gives up its right to
   * read host links.
   *
   * @param nullDescriptor put in the place of 0 and 1, so that the sentry and its children hold no
   *     end of the caller's pipes and sockets; -1 to leave them. Descriptor 2 stays for the
   *     sentry's own messages.
   * @param names what /proc/self/fd/N is to show for a descriptor: "pipe:[17]", or the host's path;
   *     null if the descriptor was not inherited
   */
  public static HostStreams open(int nullDescriptor, IntFunction<String> names) {
    HostStreams streams = new HostStreams(new HostWatcher(), new HostFilesystem());
    Map<String, HostFile.Turns> turns = new HashMap<>();
    for (int fd = 0; fd < COUNT; fd++) {
      String name = names.apply(fd);
      int own = name == null ? -1 : duplicate(fd);
      if (own < 0) {
        continue;
      }
      HostFile file = streams.take(fd, own, name, turns);
      if (nullDescriptor >= 0 && fd != STDERR && file.kind() == HostFile.Kind.STREAM) {
        StreamCalls.duplicateTo(nullDescriptor, fd);
      }
    }
    streams.watcher.start();
    return streams;
  }

  /**
   * Streams of a further process, which somebody sent: takes the descriptors over. Makes no host
   * call that a seccomp filter might refuse.
   *
   * @param descriptors three
   * @param names what /proc/self/fd/N is to show for each
   */
  public HostStreams further(int[] descriptors, List<String> names) {
    HostStreams streams = new HostStreams(watcher, filesystem);
    Map<String, HostFile.Turns> turns = new HashMap<>();
    for (int fd = 0; fd < COUNT; fd++) {
      streams.take(fd, descriptors[fd], names.get(fd), turns);
    }
    return streams;
  }

  private HostFile take(int fd, int own, String name, Map<String, HostFile.Turns> turns) {
    FileStat stat = StreamCalls.stat(own);
    HostFile.Turns turn =
        turns.computeIfAbsent(stat.dev() + ":" + stat.ino(), k -> new HostFile.Turns());
    HostFile file = new HostFile(own, name, watcher, turn);
    watcher.add(file);
    descriptions[fd] = describe(file, filesystem.place(file), file.hostFlags(), false);
    if (file.terminal()) {
      file.retain(); // Stays open, so that its mode can be put back.
      terminals[fd] = own;
      terminalFiles.add(file);
    }
    return file;
  }

  /** -1 if {@code fd} is not open. */
  private static int duplicate(int fd) {
    try {
      return StreamCalls.duplicate(fd, LOWEST_PRIVATE);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EBADF) {
        return -1;
      }
      throw e;
    }
  }

  static FileDescription describe(HostFile file, VfsPath place, int flags, boolean reopened) {
    return switch (file.kind()) {
      case REGULAR, DIRECTORY -> new HostRegular(file, place, flags, reopened);
      case STREAM, DEVICE -> new HostStream(file, place, flags);
    };
  }

  /**
   * The description of {@code fd} (0 to 2), for the first process's table; null if it was closed on
   * the host. Its one reference is the caller's.
   */
  public FileDescription description(int fd) {
    return descriptions[fd];
  }

  /** The sandbox ends: terminals whose attributes it has changed get theirs back. */
  public void restoreTerminals() {
    try {
      terminalFiles.forEach(HostFile::restoreMode);
    } catch (LinuxException e) {
      // EIO: the terminal has hung up, there is no mode to restore.
      assert e.errno() == Errno.EIO : e;
    }
  }

  /** Terminals are not used any more; their attributes are not put back later. */
  public void releaseTerminals() {
    terminalFiles.forEach(HostFile::release);
    terminalFiles.clear();
  }

  /** Whether both are the same terminal of the host. */
  public boolean sameTerminal(int fd, int other) {
    return terminals[fd] >= 0
        && terminals[other] >= 0
        && StreamCalls.stat(terminals[fd]).rdev() == StreamCalls.stat(terminals[other]).rdev();
  }

  /** The private host descriptor if {@code fd} (0 to 2) is a terminal of the host, else -1. */
  public int terminal(int fd) {
    return terminals[fd];
  }
}
