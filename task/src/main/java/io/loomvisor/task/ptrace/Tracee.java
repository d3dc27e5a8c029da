package io.loomvisor.task.ptrace;

import io.loomvisor.task.Task;
import io.loomvisor.task.process.ThreadGroup;

/**
 * One traced thread. The fields belong to {@link Tracing} unless said otherwise; after exec and
 * after the end of the thread it stays the same.
 */
public final class Tracee {
  /** How it goes on. */
  public enum Mode {
    CONTINUE,
    /** Stops where the next call begins or ends. */
    SYSCALL,
    /** Stops after one instruction. */
    STEP
  }

  private final Task task;
  private final Task tracer;
  private final boolean seized;

  // Written in the actor, read by the own thread.
  volatile int options;
  private volatile Mode mode = Mode.CONTINUE;

  /** PTRACE_INTERRUPT, or it has been born seized: it is to stop. Cleared by any stop. */
  volatile boolean trapStop;

  /**
   * Job control has changed: whoever has seized it is to see it. Set by the thread group too;
   * cleared by a PTRACE_EVENT_STOP.
   */
  volatile boolean trapNotify;

  /** The stop of its group that it has joined last. Own thread. */
  private int joinedStop = -1;

  /** The trap flag is the tracer's, not the application's. Own thread, or who holds it frozen. */
  private boolean trapFlagForced;

  /** Null: it runs. Read by others for /proc, hence volatile. */
  volatile Stop stop;

  long message;

  /** wait(2) has yet to tell. */
  boolean unreported;

  /** PTRACE_LISTEN: stopped, but for its tracer it counts as running. */
  boolean listening;

  /** Its tracer works on it. */
  boolean frozen;

  Resumption resumption;
  boolean ended;
  int endStatus;

  Tracee(Task task, Task tracer, boolean seized, int options) {
    this.task = task;
    this.tracer = tracer;
    this.seized = seized;
    this.options = options;
  }

  public Task task() {
    return task;
  }

  /** The thread that traces. */
  public Task tracer() {
    return tracer;
  }

  public boolean seized() {
    return seized;
  }

  public boolean has(int option) {
    return (options & option) != 0;
  }

  public Mode mode() {
    return mode;
  }

  void setMode(Mode newMode) {
    mode = newMode;
  }

  /** Whether it has to stop before it does anything else. Any thread. */
  public boolean trapped() {
    return trapStop || trapNotify;
  }

  /**
   * Its group has been stopped or continued, called by the thread group; false if there is nobody
   * who has seized it.
   */
  public boolean noticeJobControl() {
    if (seized) {
      trapNotify = true;
    }
    return seized;
  }

  /**
   * Whether it has been let go by its tracer though its group is in that stop. Own thread.
   *
   * @param generation which stop
   */
  public boolean joined(int generation) {
    return joinedStop == generation;
  }

  public void join(int generation) {
    joinedStop = generation;
  }

  public boolean trapFlagForced() {
    return trapFlagForced;
  }

  public void setTrapFlagForced(boolean forced) {
    trapFlagForced = forced;
  }

  /** The stop that it is in. For who holds it frozen. */
  public Stop stop() {
    return stop;
  }

  /** State t of /proc. Any thread. */
  public boolean standsStill() {
    return stop != null;
  }

  /** PTRACE_GETEVENTMSG. For who holds it frozen. */
  public long message() {
    return message;
  }

  boolean leader() {
    return task.threadId() == task.group().id();
  }

  ThreadGroup tracingGroup() {
    return tracer.group();
  }
}
