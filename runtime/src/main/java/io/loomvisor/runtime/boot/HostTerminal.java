package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.runtime.host.HostSignals;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.host.HostStreams;
import io.loomvisor.vfs.host.HostTerminalCalls;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.tty.PtyMaster;
import io.loomvisor.vfs.tty.Terminal;
import io.loomvisor.vfs.tty.Termios;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The terminal at which {@code loomvisor do} was started, as a terminal of the sandbox. The host's
 * is put into raw mode and two threads carry bytes between it and the master of a pseudo-terminal;
 * editing, echo and signal characters are those of the sandbox's line discipline, whose settings
 * begin as the host's were.
 *
 * <p>The host's mode is restored when this is closed, and by a shutdown hook. It is never changed
 * while this process is in the background of it, which would stop the process (SIGTTOU).
 */
final class HostTerminal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostTerminal.class);
  private static final int BUFFER = 4096;
  private static final int IN = StreamCalls.POLLIN | StreamCalls.POLLHUP;

  private final int fd;
  private final PtyMaster master;
  private final byte[] hostMode;
  private final Thread input =
      Thread.ofPlatform().name("terminal-input").daemon(true).unstarted(this::carryInput);
  private final Thread output =
      Thread.ofPlatform().name("terminal-output").daemon(true).unstarted(this::carryOutput);
  private final Sleeper outputSleeper = new Sleeper();
  private final Thread atShutdown =
      Thread.ofPlatform().name("terminal-restore").unstarted(this::restoreMode);
  private boolean opened;
  private volatile Runnable hungUpListener = () -> {};
  private final AtomicBoolean hungUp = new AtomicBoolean();
  private volatile boolean closing;

  private HostTerminal(int fd, PtyMaster master) {
    this.fd = fd;
    this.master = master;
    this.hostMode = HostTerminalCalls.attributes(fd);
  }

  /**
   * The terminal on standard input and output; null if they are not one, or this process is in its
   * background. With a redirected output the terminal belongs to others too, such as a pager that
   * reads its keys there.
   */
  static HostTerminal of(HostStreams streams, Kernel kernel, Credentials owner) {
    int fd = streams.terminal(HostStreams.STDIN);
    if (!streams.sameTerminal(HostStreams.STDIN, HostStreams.STDOUT)
        || !HostTerminalCalls.inForeground(fd)) {
      return null;
    }
    HostTerminal t = new HostTerminal(fd, kernel.devpts().openOwn(OpenFlags.O_RDWR, owner));
    t.terminal().setTermios(Termios.INITIAL.changedTo(t.hostMode), false);
    t.copyWindowSize();
    return t;
  }

  /** The sandbox's side. */
  Terminal terminal() {
    return master.terminal();
  }

  /** Takes the terminal over at which this process was started. */
  void open() {
    Runtime.getRuntime().addShutdownHook(atShutdown);
    opened = true;
    // They stay when this is closed: the lock allows no sigaction(2).
    HostSignals.handle("WINCH", this::resized);
    HostSignals.handle("CONT", this::continued);
    takeOver();
  }

  /**
   * Takes over a terminal that is another process's, which tells of changes of its size ({@link
   * #resized}).
   *
   * @param whenHungUp called when the terminal is not used any more: its other end is closed
   */
  void openForeign(Runnable whenHungUp) {
    hungUpListener = whenHungUp;
    takeOver();
  }

  private void takeOver() {
    makeRaw();
    copyWindowSize();
    outputSleeper.bind(output);
    output.start();
    input.start();
  }

  /** Writes what the sandbox has still to say and gives the host's terminal back. */
  @Override
  public void close() {
    closing = true;
    outputSleeper.ready();
    awaitOutput();
    restoreMode();
    if (opened) {
      Runtime.getRuntime().removeShutdownHook(atShutdown);
    }
  }

  /** An interrupt gives up on what is left. */
  private void awaitOutput() {
    try {
      if (output.isAlive()) {
        output.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The size of the host's terminal may have changed. */
  void resized() {
    if (!closing) {
      copyWindowSize();
    }
  }

  private void continued() {
    if (!closing) {
      makeRaw();
      copyWindowSize();
    }
  }

  private void makeRaw() {
    if (HostTerminalCalls.inForeground(fd)) {
      HostTerminalCalls.setAttributes(fd, HostTerminalCalls.raw(hostMode));
    }
  }

  private void restoreMode() {
    try {
      if (HostTerminalCalls.inForeground(fd)) {
        HostTerminalCalls.setAttributes(fd, hostMode);
      }
    } catch (LinuxException e) {
      // EIO: the terminal has hung up, there is no mode to restore.
      assert e.errno() == Errno.EIO : e;
    }
  }

  private void copyWindowSize() {
    ByteBuffer b = ByteBuffer.wrap(HostTerminalCalls.windowSize(fd)).order(ByteOrder.LITTLE_ENDIAN);
    terminal()
        .setWindowSize(
            new Terminal.WindowSize(b.getShort(), b.getShort(), b.getShort(), b.getShort()));
  }

  // ---------------------------------------------------------------- from the sandbox to the host

  private void carryOutput() {
    WaitEntry entry = events -> outputSleeper.ready();
    master.waitQueue().register(entry, IN);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER);
      byte[] bytes = new byte[BUFFER];
      for (; ; ) {
        boolean last = closing;
        outputSleeper.arm();
        int n = readMaster(bytes);
        if (n > 0) {
          MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, n);
          writeHost(buffer.asSlice(0, n));
        } else if (last) {
          return;
        } else if (!closing) {
          outputSleeper.sleep(Sleeper.FOREVER, false);
        }
      }
    } catch (LinuxException e) {
      // The host's terminal is gone: what the sandbox says has nowhere to go, and it is told so.
      hangUp(e);
    } finally {
      master.waitQueue().unregister(entry);
    }
  }

  /** 0 if there is nothing now: the queue is empty, or nobody has the slave open. */
  private int readMaster(byte[] bytes) {
    try {
      return (int) master.read(HeapBuffer.wrap(bytes));
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EIO) {
        return 0;
      }
      throw e;
    }
  }

  private void writeHost(MemorySegment bytes) {
    long done = 0;
    while (done < bytes.byteSize()) {
      try {
        done += StreamCalls.write(fd, bytes.asSlice(done));
      } catch (LinuxException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
        DescriptorCalls.poll(fd, StreamCalls.POLLOUT);
      }
    }
  }

  // ---------------------------------------------------------------- from the host to the sandbox

  private void carryInput() {
    Sleeper sleeper = new Sleeper();
    sleeper.bind(Thread.currentThread());
    WaitEntry entry = events -> sleeper.ready();
    master.waitQueue().register(entry, StreamCalls.POLLOUT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER);
      for (; ; ) {
        DescriptorCalls.poll(fd, StreamCalls.POLLIN);
        if (closing) {
          return; // What has been typed ahead is for whoever reads the terminal next.
        }
        int n = readHost(buffer);
        if (n == 0) {
          hangUp(Errno.EIO.exception());
          return;
        }
        if (n > 0) {
          writeMaster(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), sleeper);
        }
      }
    } catch (LinuxException e) {
      hangUp(e);
    } finally {
      master.waitQueue().unregister(entry);
      hungUpListener.run();
    }
  }

  /** -1 if another process was faster, or the descriptor is non-blocking. */
  private int readHost(MemorySegment buffer) {
    try {
      return StreamCalls.read(fd, buffer);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return -1;
      }
      throw e;
    }
  }

  private void writeMaster(byte[] bytes, Sleeper sleeper) {
    HeapBuffer source = HeapBuffer.wrap(bytes);
    while (source.remaining() > 0 && !closing) {
      sleeper.arm();
      try {
        master.write(source);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
        sleeper.sleep(Sleeper.FOREVER, false);
      }
    }
  }

  /**
   * The sandbox's terminal ends as the host's has (SIGHUP to its session). EIO is the usual reason.
   */
  private void hangUp(LinuxException reason) {
    if (!closing && hungUp.compareAndSet(false, true)) {
      LOG.info("The terminal has hung up: {}", reason.errno());
      closing = true;
      master.release();
    }
  }
}
