package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.host.HostStreams;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.tty.Terminal;

/**
 * Descriptors 0 to 2 of the first process: the host's streams, and where they are the terminal that
 * the sandbox was started at, a terminal of the sandbox's own in their place.
 */
final class StandardStreams implements AutoCloseable {
  private static final int AT_FDCWD = -100;

  private final FdTable descriptors = new FdTable();
  private final HostStreams host;
  private final HostTerminal terminal;

  /** Takes this process's streams over; {@code mounts} has /dev/pts. */
  StandardStreams(Kernel kernel, MountNamespace mounts, Credentials owner) {
    this(kernel, mounts, owner, HostStreams.open(nullDevice(), HostFacts::descriptorName), true);
  }

  /**
   * @param asTerminal a terminal of the host becomes one of the sandbox
   */
  StandardStreams(
      Kernel kernel,
      MountNamespace mounts,
      Credentials owner,
      HostStreams host,
      boolean asTerminal) {
    this.host = host;
    terminal = asTerminal ? HostTerminal.of(host, kernel, owner) : null;
    FileDescription own = terminal == null ? null : openTerminal(kernel, mounts);
    for (int fd = 0; fd <= HostStreams.STDERR; fd++) {
      boolean atTerminal = own != null && host.sameTerminal(HostStreams.STDIN, fd);
      FileDescription description = atTerminal ? own : host.description(fd);
      if (description == null) {
        continue;
      }
      if (atTerminal) {
        description.tryRetain();
      }
      descriptors.install(description, fd, fd + 1, false);
    }
    if (own != null) {
      own.release();
    }
  }

  /**
   * -1 if the host has none: then the sentry keeps its ends of the caller's pipes open until it
   * exits.
   */
  static int nullDevice() {
    try {
      return DirectoryCalls.open(AT_FDCWD, "/dev/null", OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC, 0);
    } catch (LinuxException e) {
      return -1;
    }
  }

  private FileDescription openTerminal(Kernel kernel, MountNamespace mounts) {
    WalkContext root = new WalkContext(mounts, mounts.root(), mounts.root(), 0, KernelCaller.ROOT);
    String path = "/dev/pts/" + terminal.terminal().index();
    return kernel.fileTree().open(root, path, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY, 0, 0);
  }

  FdTable descriptors() {
    return descriptors;
  }

  /** The controlling terminal of the first process; null for none. */
  Terminal terminal() {
    return terminal == null ? null : terminal.terminal();
  }

  /** The application is about to run: the host's terminal is taken over. */
  void open() {
    if (terminal != null) {
      terminal.open();
    }
  }

  /** As {@link #open}, for the streams of another process. */
  void openForeign() {
    if (terminal != null) {
      terminal.openForeign(host::releaseTerminals);
    }
  }

  /** The host's terminal may have another size. */
  void resized() {
    if (terminal != null) {
      terminal.resized();
    }
  }

  @Override
  public void close() {
    if (terminal != null) {
      terminal.close();
    }
    host.restoreTerminals();
  }
}
