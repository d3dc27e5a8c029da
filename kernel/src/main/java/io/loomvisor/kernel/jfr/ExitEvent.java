package io.loomvisor.kernel.jfr;

import io.loomvisor.task.Task;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A task ended. */
@Name("io.loomvisor.Exit")
@Label("Exit")
@Category({"Loomvisor", "Kernel"})
@Description("A task ended")
@StackTrace(false)
public final class ExitEvent extends TaskEvent {

  @Label("Status")
  @Description("Of its process, as wait(2) gives it")
  public int status;

  /** The run loop of {@code who} has ended. */
  public static void emit(Task who) {
    ExitEvent e = new ExitEvent();
    if (e.shouldCommit()) {
      e.by(who);
      e.status = who.group().exitStatus();
      e.commit();
    }
  }
}
