package io.loomvisor.task.ptrace;

import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;

/**
 * Why a traced thread stands still, as its tracer learns of it.
 *
 * @param code what wait(2) reports above its lowest byte: the signal, with flags and event
 * @param childCode CLD_TRAPPED or CLD_STOPPED
 * @param info what PTRACE_GETSIGINFO shows; null in a group-stop
 * @param message for PTRACE_GETEVENTMSG; null leaves the last one
 * @param stopSignal the group stop that this answers to; 0 if it answers to none
 * @param atExit nothing but its tracer gets it out, for it is ending already
 */
public record Stop(
    int code, int childCode, SignalInfo info, Long message, int stopSignal, boolean atExit) {
  private static final int CALL = 0x80;

  /** Before {@code info} is delivered. */
  public static Stop signal(SignalInfo info) {
    return new Stop(info.signal(), SignalInfo.CLD_TRAPPED, info, null, 0, false);
  }

  /** The group has been stopped, and the tracer has not seized: signal only. */
  public static Stop group(int signal) {
    return new Stop(signal, SignalInfo.CLD_STOPPED, null, null, signal, false);
  }

  /**
   * PTRACE_EVENT_STOP of a seized one: tells what has stopped the group, SIGTRAP if it is not
   * stopped.
   */
  static Stop trap(Task task) {
    int signal = task.group().stopped() ? task.group().stopSignal() : Signal.SIGTRAP;
    int code = signal | Ptrace.EVENT_STOP << 8;
    return new Stop(
        code,
        SignalInfo.CLD_STOPPED,
        ownInfo(task, signal, code),
        0L,
        signal == Signal.SIGTRAP ? 0 : signal,
        false);
  }

  /** Where a call begins or ends. */
  public static Stop call(Task task, boolean entry, boolean marked) {
    int code = marked ? Signal.SIGTRAP | CALL : Signal.SIGTRAP;
    return trapped(
        task, code, entry ? Ptrace.EVENTMSG_SYSCALL_ENTRY : Ptrace.EVENTMSG_SYSCALL_EXIT);
  }

  /** A step into a signal handler (kernel/signal.c: signal_delivered). */
  public static Stop step(Task task) {
    return trapped(task, Signal.SIGTRAP, 0);
  }

  public static Stop event(Task task, int event, long message) {
    int code = Signal.SIGTRAP | event << 8;
    return new Stop(
        code,
        SignalInfo.CLD_TRAPPED,
        ownInfo(task, Signal.SIGTRAP, code),
        message,
        0,
        event == Ptrace.EVENT_EXIT);
  }

  private static Stop trapped(Task task, int code, long message) {
    return new Stop(
        code, SignalInfo.CLD_TRAPPED, ownInfo(task, Signal.SIGTRAP, code), message, 0, false);
  }

  /** ptrace_do_notify(): the thread tells of itself. */
  private static SignalInfo ownInfo(Task task, int signal, int code) {
    return new SignalInfo(signal, 0, code, task.threadId(), task.credentials().uid(), 0, 0);
  }

  /** The event; 0 for none. */
  public int event() {
    return code >>> 8;
  }

  /** Where a call begins or ends, told apart by PTRACE_O_TRACESYSGOOD. */
  public boolean atCall() {
    return code == (Signal.SIGTRAP | CALL);
  }

  Stop withInfo(SignalInfo other) {
    return new Stop(code, childCode, other, message, stopSignal, atExit);
  }
}
