package io.loomvisor.vfs.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.tty.Termios;
import java.lang.foreign.MemorySegment;

/** What all descriptions of host streams have in common. */
abstract sealed class HostDescription extends FileDescription permits HostStream, HostRegular {
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TCSETSW = 0x5403;
  private static final int TCSETSF = 0x5404;
  private static final int TCGETS2 = 0x802C542A;
  private static final int TCSETS2 = 0x402C542B;
  private static final int TCSETSW2 = 0x402C542C;
  private static final int TCSETSF2 = 0x402C542D;
  private static final int TIOCGWINSZ = 0x5413;
  private static final byte[] NOTHING = {};
  private static final int FIONREAD = 0x541B;

  final HostFile file;
  private final VfsPath place;

  /**
   * @param place the inode in {@link HostFilesystem}
   */
  HostDescription(HostFile file, VfsPath place, int flags) {
    super(
        null,
        flags & (OpenFlags.O_ACCMODE | SETFL_MASK & ~OpenFlags.O_ASYNC | OpenFlags.O_LARGEFILE));
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

  /**
   * Of a terminal, its attributes and its size; the attributes may be changed, as any program may
   * that is started there, and are put back when the sandbox ends. Nothing that types into it
   * (TIOCSTI) or gives it away goes through.
   */
  @Override
  public final long ioctl(Caller caller, int request, long argument) {
    byte[] answer =
        switch (request) {
          case TCSETS, TCSETSW, TCSETSF -> change(caller, request, argument, Termios.SIZE);
          case TCSETS2, TCSETSW2, TCSETSF2 -> change(caller, request, argument, Termios.SIZE2);
          case TCGETS -> HostTerminalCalls.attributes(file.descriptor());
          case TCGETS2 -> HostTerminalCalls.get(file.descriptor(), TCGETS2, Termios.SIZE2);
          case TIOCGWINSZ -> HostTerminalCalls.windowSize(file.descriptor());
          case FIONREAD -> HostTerminalCalls.readable(file.descriptor());
          default -> throw Errno.ENOTTY.exception();
        };
    if (answer.length > 0) {
      caller.copyOut(argument, MemorySegment.ofArray(answer));
    }
    return 0;
  }

  private byte[] change(Caller caller, int request, long argument, int size) {
    byte[] struct = new byte[size];
    caller.copyIn(argument, MemorySegment.ofArray(struct));
    file.changeMode(request, struct);
    return NOTHING;
  }
}
