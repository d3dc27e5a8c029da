package io.loomvisor.kernel.jfr;

import io.loomvisor.task.Task;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A task acts on a signal. */
@Name("io.loomvisor.Signal")
@Label("Signal")
@Category({"Loomvisor", "Kernel"})
@Description("A task acts on a signal")
@StackTrace(false)
public final class SignalEvent extends TaskEvent {

  @Label("Signal")
  public int signal;

  @Label("Code")
  @Description("si_code")
  public int code;

  @Label("Sender")
  @Description("si_pid, if a process sent it")
  public int sender;

  @Label("Handled")
  @Description("By a handler of the application")
  public boolean handled;

  /** {@code who} is about to act on {@code info} as {@code action} says. */
  public static void emit(Task who, SignalInfo info, SignalAction action) {
    SignalEvent e = new SignalEvent();
    if (e.shouldCommit()) {
      e.by(who);
      e.signal = info.signal();
      e.code = info.code();
      e.sender = info.code() <= SignalInfo.SI_USER ? info.pid() : 0;
      long handler = action.handler();
      e.handled = handler != SignalAction.SIG_DFL && handler != SignalAction.SIG_IGN;
      e.commit();
    }
  }
}
