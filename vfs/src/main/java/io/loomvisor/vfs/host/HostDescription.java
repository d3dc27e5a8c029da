package io.loomvisor.vfs.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import java.lang.foreign.MemorySegment;

/** What all descriptions of host streams have in common. */
abstract sealed class HostDescription extends FileDescription permits HostStream, HostRegular {
  private static final int TCGETS = 0x5401;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int FIONREAD = 0x541B;

  final HostFile file;
  private final VfsPath place;

  /**
   * @param place the inode in {@link HostFilesystem}
   */
  HostDescription(HostFile file, VfsPath place, int flags) {
    super(null, flags & (OpenFlags.O_ACCMODE | SETFL_MASK & ~OpenFlags.O_ASYNC | OpenFlags.O_LARGEFILE));
    this.file = file;
    this.place = place;
    file.retain();
  }

  @Override
  protected final void onRelease() {
    file.release();
  }

  @Override
  public final String displayName() {
    return file.name();
  }

  @Override
  public final VfsPath place() {
    return place;
  }

  @Override
  public final Inode inode() {
    return place.inode();
  }

  @Override
  public final FileStat stat() {
    return file.stat();
  }

  @Override
  public final void fsync(boolean dataOnly) {
    DescriptorCalls.sync(file.descriptor(), dataOnly);
  }

  /** The terminal requests that only read; the host's terminal cannot be changed from here. */
  @Override
  public final long ioctl(Caller caller, int request, long argument) {
    byte[] answer =
        switch (request) {
          case TCGETS -> HostTerminalCalls.attributes(file.descriptor());
          case TIOCGWINSZ -> HostTerminalCalls.windowSize(file.descriptor());
          case FIONREAD -> HostTerminalCalls.readable(file.descriptor());
          default -> throw Errno.ENOTTY.exception();
        };
    caller.copyOut(argument, MemorySegment.ofArray(answer));
    return 0;
  }
}
