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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A terminal opened by an application: /dev/pts/N, /dev/tty or /dev/console. Dead after a hang-up.
 */
public final class TtyDescription extends FileDescription {
  private static final int TIOCSCTTY = 0x540E;
  private static final int TIOCNOTTY = 0x5422;
  private static final int TIOCVHANGUP = 0x5437;
  private static final int TIOCGDEV = 0x80045432;

  /** do_tty_write's piece. */
  private static final int PIECE = 2048;

  /** Longer than any VTIME. */
  private static final long FORGOTTEN = TimeUnit.SECONDS.toNanos(60);

  private static final int MANY_READS = 16;

  private final Terminal terminal;
  private final Inode node;
  private final int generation;
  private final TerminalControl control;

  /** When reads that wait began, by their target; entries of interrupted ones are swept out. */
  private final Map<IoTarget, Long> waitingReads = new ConcurrentHashMap<>(4);

  private TtyDescription(Terminal terminal, Inode node, VfsPath path, int flags, int generation) {
    super(path, flags);
    this.terminal = terminal;
    this.node = node;
    this.generation = generation;
    this.control = new TerminalControl(terminal, false);
  }

  /**
   * Opens; a session leader without a terminal gets this one as its controlling terminal unless
   * O_NOCTTY is given.
   *
   * @param path null if it was not found in the tree (TIOCGPTPEER of an unmounted devpts)
   */
  static TtyDescription open(
      Terminal terminal, Inode node, VfsPath path, int flags, Caller caller) {
    int generation = terminal.openSlave(caller.credentials().has(JobRules.CAP_SYS_ADMIN));
    if ((flags & OpenFlags.O_NOCTTY) == 0 && OpenFlags.readable(flags)) {
      JobRules.acquireByOpen(terminal, caller);
    }
    return new TtyDescription(terminal, node, path, flags, generation);
  }

  @Override
  protected void onRelease() {
    terminal.closeSlave();
  }

  public Terminal terminal() {
    return terminal;
  }

  @Override
  public Inode inode() {
    return node;
  }

  @Override
  public VfsPath place() {
    return path() != null
        ? path()
        : ((DevptsFilesystem) node.filesystem()).internalPlace(terminal.index(), node);
  }

  @Override
  public String displayName() {
    return "/dev/pts/" + terminal.index();
  }

  private boolean hungUp() {
    return generation != terminal.generation();
  }

  @Override
  public long read(IoTarget target) {
    if (target.remaining() == 0) {
      return 0;
    }
    if (!hungUp()) {
      JobRules.checkForeground(terminal, TtySignal.SIGTTIN);
    }
    Terminal.Patience patience = patience(target);
    try {
      int max = (int) target.prepare(Math.min(target.remaining(), InputBuffer.SIZE));
      byte[] taken = terminal.read(generation, max, patience);
      waitingReads.remove(target);
      return taken.length == 0 ? 0 : target.put(MemorySegment.ofArray(taken), 0, taken.length);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN && !patience.nonBlocking()) {
        waitingReads.put(target, patience.started());
      }
      throw e;
    }
  }

  private Terminal.Patience patience(IoTarget target) {
    long now = terminal.now();
    if (waitingReads.size() > MANY_READS) {
      waitingReads.values().removeIf(began -> now - began > FORGOTTEN);
    }
    Long began = waitingReads.get(target);
    boolean nonBlocking = (statusFlags() & OpenFlags.O_NONBLOCK) != 0;
    return new Terminal.Patience(nonBlocking, began == null ? now : began, began != null);
  }

  @Override
  public long write(IoSource source) {
    if (hungUp()) {
      throw Errno.EIO.exception();
    }
    if (terminal.termios().local(Termios.TOSTOP)) {
      JobRules.checkForeground(terminal, TtySignal.SIGTTOU);
    }
    long total = 0;
    byte[] piece = new byte[(int) Math.min(PIECE, source.remaining())];
    try {
      while (source.remaining() > 0) {
        int room = Math.min(terminal.outputRoom(generation), piece.length);
        int n =
            (int) source.get(MemorySegment.ofArray(piece), 0, Math.min(room, source.remaining()));
        terminal.write(generation, piece, n);
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
    return terminal.slaveReadiness(generation) & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
  }

  @Override
  public WaitQueue waitQueue() {
    return terminal.slaveQueue();
  }

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    if (hungUp()) {
      throw request == TerminalControl.TIOCSPGRP ? Errno.ENOTTY.exception() : Errno.EIO.exception();
    }
    switch (request) {
      case TIOCSCTTY -> JobRules.acquire(terminal, caller, argument == 1, readable());
      case TIOCNOTTY -> JobRules.leave(terminal, caller);
      case TIOCVHANGUP -> {
        if (!caller.credentials().has(JobRules.CAP_SYS_ADMIN)) {
          throw Errno.EPERM.exception();
        }
        terminal.hangUp();
      }
      case TIOCGDEV ->
          UserStruct.writeInt(
              caller, argument, (int) DevptsFilesystem.deviceNumber(terminal.index()));
      case TerminalControl.FIONREAD ->
          UserStruct.writeInt(caller, argument, terminal.readableBytes());
      default -> {
        return control.call(caller, request, argument);
      }
    }
    return 0;
  }
}
