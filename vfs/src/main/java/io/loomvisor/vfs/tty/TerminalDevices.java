package io.loomvisor.vfs.tty;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.dev.Devices;

/**
 * The terminal devices that are not in devpts: /dev/tty, /dev/console, and nodes of ptmx elsewhere.
 * One per kernel.
 */
public final class TerminalDevices {
  private final JobControl jobs;
  private final DevptsFilesystem devpts;
  private volatile Terminal console;

  /**
   * @param devpts where a /dev/ptmx outside of any devpts makes its terminals
   */
  public TerminalDevices(JobControl jobs, DevptsFilesystem devpts) {
    this.jobs = jobs;
    this.devpts = devpts;
  }

  /** What /dev/console is from now on; null for none. */
  public void setConsole(Terminal terminal) {
    console = terminal;
  }

  /** Makes device nodes of any file system lead here. */
  public void registerIn(Devices devices) {
    devices
        .register(Devices.TTY, this::openControlling)
        .register(Devices.CONSOLE, this::openConsole)
        .register(Devices.PTMX, devpts::openMaster);
  }

  private FileDescription openControlling(Inode node, VfsPath path, int flags, Caller caller) {
    return open(jobs.controllingTerminal(caller), node, path, flags, caller);
  }

  private FileDescription openConsole(Inode node, VfsPath path, int flags, Caller caller) {
    return open(console, node, path, flags, caller);
  }

  /** Neither becomes a controlling terminal by this (tty_open). */
  private static FileDescription open(
      Terminal terminal, Inode node, VfsPath path, int flags, Caller caller) {
    if (terminal == null) {
      throw Errno.ENXIO.exception();
    }
    return TtyDescription.open(terminal, node, path, flags | OpenFlags.O_NOCTTY, caller);
  }
}
