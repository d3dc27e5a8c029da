package io.loomvisor.vfs.tty;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;

/**
 * The master end of a pseudo-terminal. Its last close hangs the slave up and takes /dev/pts/N away.
 */
public final class PtyMaster extends FileDescription {
  /**
   * ioctl(2) that opens the slave; its result is a descriptor, so the kernel serves it by {@link
   * #openPeer}.
   */
  public static final int TIOCGPTPEER = 0x5441;

  private static final int TIOCPKT = 0x5420;
  private static final int TIOCGPTN = 0x80045430;
  private static final int TIOCSPTLCK = 0x40045431;
  private static final int TIOCSIG = 0x40045436;
  private static final int TIOCGPKT = 0x80045438;
  private static final int TIOCGPTLCK = 0x80045439;

  private static final int PIECE = 2048;
  private static final int LAST_SIGNAL = 64;

  private final DevptsFilesystem devpts;
  private final Terminal terminal;
  private final Inode node;
  private final TerminalControl control;

  /**
   * @param node what was opened: a ptmx
   */
  PtyMaster(DevptsFilesystem devpts, Terminal terminal, Inode node, VfsPath path, int flags) {
    super(path, flags);
    this.devpts = devpts;
    this.terminal = terminal;
    this.node = node;
    this.control = new TerminalControl(terminal, true);
  }

  @Override
  protected void onRelease() {
    devpts.remove(terminal.index());
    terminal.closeMaster();
  }

  public Terminal terminal() {
    return terminal;
  }

  @Override
  public Inode inode() {
    return node;
  }

  @Override
  public String displayName() {
    return "/dev/ptmx";
  }

  /**
   * The slave, opened with O_RDWR, O_NOCTTY, O_NONBLOCK of {@code flags}, whatever is mounted where
   * (TIOCGPTPEER).
   */
  public FileDescription openPeer(int flags, Caller caller) {
    int known = OpenFlags.O_ACCMODE | OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK;
    return devpts.openSlave(terminal.index(), path(), flags & known, caller);
  }

  @Override
  public long read(IoTarget target) {
    if (target.remaining() == 0) {
      return 0;
    }
    int max = (int) target.prepare(Math.min(target.remaining(), InputBuffer.SIZE));
    byte[] taken = terminal.readOutput(max);
    return taken.length == 0 ? 0 : target.put(MemorySegment.ofArray(taken), 0, taken.length);
  }

  @Override
  public long write(IoSource source) {
    long total = 0;
    byte[] piece = new byte[(int) Math.min(PIECE, source.remaining())];
    try {
      while (source.remaining() > 0) {
        int room = Math.min(terminal.inputRoom(), piece.length);
        int n =
            (int) source.get(MemorySegment.ofArray(piece), 0, Math.min(room, source.remaining()));
        terminal.type(piece, n);
        total += n;
      }
      return total;
    } catch (LinuxException e) {
      if (total > 0) {
        return total;
      }
      throw e;
    }
  }

  @Override
  public int readiness(int mask) {
    return terminal.masterReadiness() & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
  }

  @Override
  public WaitQueue waitQueue() {
    return terminal.masterQueue();
  }

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    switch (request) {
      case TIOCGPTN -> UserStruct.writeInt(caller, argument, terminal.index());
      case TIOCSPTLCK -> terminal.setLocked(UserStruct.readInt(caller, argument) != 0);
      case TIOCGPTLCK -> UserStruct.writeInt(caller, argument, terminal.locked() ? 1 : 0);
      case TIOCPKT -> terminal.setPacketMode(UserStruct.readInt(caller, argument) != 0);
      case TIOCGPKT -> UserStruct.writeInt(caller, argument, terminal.packetMode() ? 1 : 0);
      case TIOCSIG -> signal((int) argument);
      case TerminalControl.FIONREAD ->
          UserStruct.writeInt(caller, argument, terminal.outputBytes());
      default -> {
        return control.call(caller, request, argument);
      }
    }
    return 0;
  }

  private void signal(int number) {
    if (number < 1 || number > LAST_SIGNAL) {
      throw Errno.EINVAL.exception();
    }
    if (terminal.foreground() != 0) {
      terminal.jobs().signalGroup(terminal.foreground(), number);
    }
  }
}
