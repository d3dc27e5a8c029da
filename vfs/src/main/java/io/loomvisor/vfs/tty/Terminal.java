package io.loomvisor.vfs.tty;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.PollEvents;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A pseudo-terminal: what the master writes goes through the {@link LineDiscipline} to the readers
 * of the slave; what the slaves write goes through output processing to the master (pty(7)).
 */
public final class Terminal extends Actor {
  /**
   * Output that the master has not read: Linux's flip buffer for ptys and the master's read buffer.
   */
  private static final int OUTPUT_LIMIT = 8192 + InputBuffer.SIZE;

  /** What the master may write ahead of the line discipline. */
  private static final int BACKLOG_LIMIT = 8192;

  private static final long DECISECOND = TimeUnit.MILLISECONDS.toNanos(100);

  // The status byte of packet mode (ioctl_tty(2), TIOCPKT).
  private static final int PKT_FLUSHREAD = 1;
  private static final int PKT_FLUSHWRITE = 2;
  private static final int PKT_STOP = 4;
  private static final int PKT_START = 8;
  private static final int PKT_NOSTOP = 16;
  private static final int PKT_DOSTOP = 32;
  private static final int PKT_IOCTL = 64;

  /** TCFLSH. */
  static final int FLUSH_INPUT = 1;

  static final int FLUSH_OUTPUT = 2;

  /** Rows, columns and pixels (struct winsize). */
  public record WindowSize(short rows, short columns, short width, short height) {}

  private final JobControl jobs;
  private final TimerService timers;
  private final int index;
  private final Runnable onGone;
  private final WaitQueue slaveQueue = new WaitQueue();
  private final WaitQueue masterQueue = new WaitQueue();
  private final ByteQueue output = new ByteQueue();
  private final ByteQueue backlog = new ByteQueue();
  private final OutputProcessor processor = new OutputProcessor(output);
  private final LineDiscipline discipline = new LineDiscipline(new Consequences(), processor);

  private WindowSize windowSize = new WindowSize((short) 0, (short) 0, (short) 0, (short) 0);
  private boolean stopped;
  private boolean locked;
  private boolean exclusive;
  private boolean packetMode;
  private int packetStatus;
  private int slaves;
  private boolean slavesLeft;
  private boolean masterGone;
  private long lastInput;

  /** Counts hang-ups: descriptions of an earlier time are dead. Read without the actor. */
  private volatile int generation;

  /** Session and foreground process group; 0 for none. Read without the actor. */
  private volatile int session;

  private volatile int foreground;
  private Aftermath aftermath = new Aftermath();

  /**
   * @param index N of /dev/pts/N
   * @param locked until TIOCSPTLCK unlocks it, the slave cannot be opened
   * @param onGone called once, when neither end is open any more
   */
  Terminal(JobControl jobs, TimerService timers, int index, boolean locked, Runnable onGone) {
    super(Rank.INODE);
    this.jobs = jobs;
    this.timers = timers;
    this.index = index;
    this.onGone = onGone;
    this.locked = locked;
  }

  /** What characters cause; called in the actor. */
  private final class Consequences implements LineDiscipline.Effects {
    @Override
    public void signal(TtySignal signal) {
      aftermath.signal(foreground, signal);
    }

    @Override
    public void dropOutput() {
      output.clear();
      status(PKT_FLUSHREAD | PKT_FLUSHWRITE, 0);
      aftermath.wakeSlaves(Aftermath.WRITABLE);
    }

    @Override
    public void stopOutput() {
      if (!stopped) {
        stopped = true;
        status(PKT_STOP, PKT_START);
      }
    }

    @Override
    public void startOutput() {
      if (stopped) {
        stopped = false;
        status(PKT_START, PKT_STOP);
        moveEcho();
        aftermath.wakeSlaves(Aftermath.WRITABLE);
      }
    }

    @Override
    public boolean outputStopped() {
      return stopped;
    }

    @Override
    public void readable() {
      aftermath.wakeSlaves(Aftermath.READABLE);
    }
  }

  /** Runs {@code body} in the actor and afterwards, without it, what that caused. */
  private <R> R act(Supplier<R> body) {
    Aftermath[] caused = new Aftermath[1];
    try {
      return ask(
          () -> {
            try {
              return body.get();
            } finally {
              caused[0] = aftermath;
              aftermath = new Aftermath();
            }
          });
    } finally {
      caused[0].run(jobs, slaveQueue, masterQueue);
    }
  }

  private void actVoid(Runnable body) {
    act(
        () -> {
          body.run();
          return null;
        });
  }

  private void status(int set, int cleared) {
    if (packetMode) {
      packetStatus = packetStatus & ~cleared | set;
      aftermath.wakeMaster(Aftermath.READABLE | PollEvents.POLLPRI);
    }
  }

  private void moveEcho() {
    ByteQueue echo = discipline.echo();
    if (!stopped && !echo.isEmpty()) {
      int room = Math.min(echo.size(), OUTPUT_LIMIT + InputBuffer.SIZE - output.size());
      if (room > 0) {
        output.add(echo.take(room), 0, room);
        aftermath.wakeMaster(Aftermath.READABLE);
      }
    }
  }

  JobControl jobs() {
    return jobs;
  }

  /** N of /dev/pts/N. */
  public int index() {
    return index;
  }

  /** The device number of the slave, in the form of /proc/PID/stat. */
  public int device() {
    return (int) DevptsFilesystem.deviceNumber(index);
  }

  int generation() {
    return generation;
  }

  /** The session that it controls, 0 for none. */
  public int session() {
    return session;
  }

  /** The foreground process group, 0 for none. */
  public int foreground() {
    return foreground;
  }

  WaitQueue slaveQueue() {
    return slaveQueue;
  }

  WaitQueue masterQueue() {
    return masterQueue;
  }

  // ---------------------------------------------------------------- opening and closing

  /**
   * One more description of the slave; EIO while locked or without a master, EBUSY while exclusive.
   */
  int openSlave(boolean privileged) {
    return act(
        () -> {
          if (locked || masterGone) {
            throw Errno.EIO.exception();
          }
          if (exclusive && !privileged) {
            throw Errno.EBUSY.exception();
          }
          slaves++;
          slavesLeft = false;
          return generation;
        });
  }

  void closeSlave() {
    boolean[] gone = new boolean[1];
    int released =
        act(
            () -> {
              if (--slaves > 0) {
                return 0;
              }
              gone[0] = masterGone;
              slavesLeft = true;
              exclusive = false;
              packetMode = false;
              aftermath.wakeMaster(Aftermath.ALL);
              int controlled = session;
              session = 0;
              foreground = 0;
              return controlled;
            });
    if (released != 0) {
      jobs.detach(released, this);
    }
    if (gone[0]) {
      onGone.run();
    }
  }

  void closeMaster() {
    boolean gone =
        act(
            () -> {
              masterGone = true;
              return slaves == 0;
            });
    hangUp();
    if (gone) {
      onGone.run();
    }
  }

  /**
   * vhangup: every open description of the slave is dead from now on, the session loses its
   * terminal and its leader is told (tty_vhangup).
   */
  public void hangUp() {
    int was =
        act(
            () -> {
              int controlled = session;
              generation++;
              session = 0;
              foreground = 0;
              stopped = false;
              discipline.reset();
              backlog.clear();
              aftermath.wakeSlaves(Aftermath.ALL);
              return controlled;
            });
    if (was != 0) {
      jobs.detach(was, this);
      jobs.signalLeader(was, TtySignal.SIGHUP);
      jobs.signalLeader(was, TtySignal.SIGCONT);
    }
  }

  /**
   * The leader of session {@code id} has ended: the foreground group is told, and the terminal
   * controls nobody any more. A pseudo-terminal is not hung up by that (disassociate_ctty).
   */
  public void leaderExited(int id) {
    if (session != id) {
      return;
    }
    int group = endControl();
    jobs.detach(id, this);
    if (group != 0) {
      jobs.signalGroup(group, TtySignal.SIGHUP);
    }
  }

  void setLocked(boolean on) {
    actVoid(() -> locked = on);
  }

  boolean locked() {
    return ask(() -> locked);
  }

  void setExclusive(boolean on) {
    actVoid(() -> exclusive = on);
  }

  boolean exclusive() {
    return ask(() -> exclusive);
  }

  // ---------------------------------------------------------------- sessions

  /** Becomes the controlling terminal of {@code id}; false if it controls another session. */
  public boolean control(int id, int processGroup, boolean steal) {
    int[] before = new int[1];
    boolean done =
        act(
            () -> {
              if (session != 0 && session != id && !steal) {
                return false;
              }
              before[0] = session;
              session = id;
              foreground = processGroup;
              return true;
            });
    if (done && before[0] != 0 && before[0] != id) {
      jobs.detach(before[0], this);
    }
    return done;
  }

  /**
   * TIOCNOTTY by the leader: no session is controlled any more. The foreground group before, 0 for
   * none.
   */
  int endControl() {
    return act(
        () -> {
          int was = foreground;
          session = 0;
          foreground = 0;
          return was;
        });
  }

  void setForeground(int processGroup) {
    actVoid(() -> foreground = processGroup);
  }

  // ---------------------------------------------------------------- slave

  private void checkAlive(int opened) {
    if (opened != generation) {
      throw Errno.EIO.exception();
    }
  }

  /**
   * How a read waits.
   *
   * @param started on the clock of {@link #now}
   * @param waited it has found nothing before and slept
   */
  record Patience(boolean nonBlocking, long started, boolean waited) {}

  /**
   * What one read of {@code max} bytes gets; empty at an end of file or time-out. EAGAIN if it
   * would wait; a timer notifies the queue when VTIME ends the wait.
   */
  byte[] read(int opened, int max, Patience patience) {
    return act(
        () -> {
          if (opened != generation) {
            if (patience.waited && masterGone) {
              throw Errno.EIO.exception(); // n_tty_read sees TTY_OTHER_CLOSED first.
            }
            return new byte[0];
          }
          if (!discipline.available(needed(max, patience.nonBlocking)) && !timeIsUp(patience)) {
            throw Errno.EAGAIN.exception();
          }
          byte[] taken = discipline.take(max);
          pump();
          return taken;
        });
  }

  private int needed(int max, boolean nonBlocking) {
    int least = discipline.termios().character(Termios.VMIN);
    return nonBlocking || least == 0 ? 1 : Math.min(least, max);
  }

  /**
   * Raw mode with VTIME (termios(3)): whether the read ends with what there is; else sets the
   * timer.
   */
  private boolean timeIsUp(Patience patience) {
    Termios t = discipline.termios();
    if (t.local(Termios.ICANON)) {
      return false;
    }
    long wait = t.character(Termios.VTIME) * DECISECOND;
    boolean overall = t.character(Termios.VMIN) == 0;
    if (wait == 0 || !overall && discipline.readableBytes() == 0) {
      return overall && wait == 0;
    }
    if (patience.nonBlocking) {
      return false;
    }
    long since = overall || patience.started - lastInput > 0 ? patience.started : lastInput;
    long deadline = since + wait;
    if (deadline - timers.now() <= 0) {
      return true;
    }
    timers.schedule(deadline, () -> slaveQueue.notifyEvents(Aftermath.READABLE));
    return false;
  }

  long now() {
    return timers.now();
  }

  /** How much a write may bring now; EAGAIN for nothing, EIO after a hang-up. */
  int outputRoom(int opened) {
    return ask(
        () -> {
          checkAlive(opened);
          int room = stopped ? 0 : OUTPUT_LIMIT - output.size();
          if (room <= 0) {
            throw Errno.EAGAIN.exception();
          }
          return room;
        });
  }

  /** Output of the application. Writers that race may overfill the queue. */
  void write(int opened, byte[] bytes, int length) {
    actVoid(
        () -> {
          checkAlive(opened);
          moveEcho();
          processor.write(discipline.termios(), bytes, length);
          aftermath.wakeMaster(Aftermath.READABLE);
        });
  }

  int slaveReadiness(int opened) {
    return ask(
        () -> {
          if (opened != generation) {
            return Aftermath.ALL & ~PollEvents.POLLPRI;
          }
          Termios t = discipline.termios();
          int least = t.character(Termios.VTIME) == 0 ? Math.max(1, t.character(Termios.VMIN)) : 1;
          int events = discipline.available(least) ? Aftermath.READABLE : 0;
          return events | (!stopped && output.size() < OUTPUT_LIMIT ? Aftermath.WRITABLE : 0);
        });
  }

  public Termios termios() {
    return ask(discipline::termios);
  }

  /** TCSETS; with {@code flush} TCSETSF. */
  public void setTermios(Termios changed, boolean flush) {
    actVoid(
        () -> {
          if (flush) {
            dropInput();
          }
          Termios old = discipline.termios();
          discipline.setTermios(changed);
          if (old.input(Termios.IXON) && !changed.input(Termios.IXON)) {
            new Consequences().startOutput();
          }
          if (old.standardFlowControl() != changed.standardFlowControl()) {
            boolean on = changed.standardFlowControl();
            status(on ? PKT_DOSTOP : PKT_NOSTOP, PKT_DOSTOP | PKT_NOSTOP);
          }
          if (((old.local() | changed.local()) & Termios.EXTPROC) != 0) {
            status(PKT_IOCTL, 0);
          }
          pump();
          aftermath.wakeSlaves(Aftermath.READABLE | Aftermath.WRITABLE);
        });
  }

  private void dropInput() {
    discipline.dropInput();
    backlog.clear();
    status(PKT_FLUSHREAD, 0);
    aftermath.wakeMaster(Aftermath.WRITABLE);
  }

  /** TCFLSH by the slave; the master's directions are the other way round. */
  void flush(int directions) {
    actVoid(
        () -> {
          if ((directions & FLUSH_INPUT) != 0) {
            dropInput();
          }
          if ((directions & FLUSH_OUTPUT) != 0) {
            output.clear();
            status(PKT_FLUSHWRITE, 0);
            aftermath.wakeSlaves(Aftermath.WRITABLE);
          }
        });
  }

  /** TCXONC: TCOOFF and TCOON. */
  void suspendOutput(boolean off) {
    actVoid(
        () -> {
          if (off) {
            new Consequences().stopOutput();
          } else {
            new Consequences().startOutput();
          }
        });
  }

  /** TCXONC: TCIOFF and TCION send VSTOP or VSTART to the master. */
  void sendControl(int which) {
    actVoid(
        () -> {
          int c = discipline.termios().character(which);
          if (c != 0) {
            output.add((byte) c);
            aftermath.wakeMaster(Aftermath.READABLE);
          }
        });
  }

  /** FIONREAD of the slave. */
  int readableBytes() {
    return ask(discipline::readableBytes);
  }

  public WindowSize windowSize() {
    return ask(() -> windowSize);
  }

  /** TIOCSWINSZ: a change tells the foreground group. */
  public void setWindowSize(WindowSize size) {
    actVoid(
        () -> {
          if (!size.equals(windowSize)) {
            windowSize = size;
            aftermath.signal(foreground, TtySignal.SIGWINCH);
          }
        });
  }

  // ---------------------------------------------------------------- master

  /** How much the master may write now; EAGAIN for nothing. */
  int inputRoom() {
    return ask(
        () -> {
          int room = BACKLOG_LIMIT - backlog.size();
          if (room <= 0) {
            throw Errno.EAGAIN.exception();
          }
          return room;
        });
  }

  /** Bytes typed. */
  void type(byte[] bytes, int length) {
    actVoid(
        () -> {
          backlog.add(bytes, 0, length);
          pump();
        });
  }

  /** Moves what was typed to the line discipline as far as that has room. */
  private void pump() {
    if (!backlog.isEmpty()) {
      byte[] typed = backlog.take(backlog.size());
      int taken = discipline.receive(typed, 0, typed.length);
      backlog.add(typed, taken, typed.length - taken);
      if (taken > 0) {
        lastInput = timers.now();
        aftermath.wakeMaster(Aftermath.WRITABLE);
      }
    }
    moveEcho();
  }

  /**
   * What one read of the master gets; EAGAIN if there is nothing, EIO if besides all slaves have
   * gone.
   */
  byte[] readOutput(int max) {
    return act(
        () -> {
          if (packetMode && packetStatus != 0) {
            byte[] status = {(byte) packetStatus};
            packetStatus = 0;
            return status;
          }
          if (output.isEmpty()) {
            throw slavesLeft ? Errno.EIO.exception() : Errno.EAGAIN.exception();
          }
          int header = packetMode ? 1 : 0;
          byte[] taken = output.take(Math.min(max, InputBuffer.SIZE) - header);
          moveEcho();
          aftermath.wakeSlaves(Aftermath.WRITABLE);
          if (header == 0) {
            return taken;
          }
          byte[] packet = new byte[taken.length + 1];
          System.arraycopy(taken, 0, packet, 1, taken.length);
          return packet;
        });
  }

  int masterReadiness() {
    return ask(
        () -> {
          boolean changed = packetMode && packetStatus != 0;
          int events = changed || !output.isEmpty() ? Aftermath.READABLE : 0;
          events |= changed ? PollEvents.POLLPRI : 0;
          events |= slavesLeft ? PollEvents.POLLHUP : 0;
          return events | (backlog.size() < BACKLOG_LIMIT ? Aftermath.WRITABLE : 0);
        });
  }

  int outputBytes() {
    return ask(output::size);
  }

  void setPacketMode(boolean on) {
    actVoid(
        () -> {
          if (on && !packetMode) {
            packetStatus = 0;
          }
          packetMode = on;
        });
  }

  boolean packetMode() {
    return ask(() -> packetMode);
  }
}
