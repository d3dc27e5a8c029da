package io.loomvisor.kernel.jfr;

import io.loomvisor.task.Task;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A task runs another program. */
@Name("io.loomvisor.Exec")
@Label("Exec")
@Category({"Loomvisor", "Kernel"})
@Description("A task runs another program")
@StackTrace(false)
public final class ExecEvent extends TaskEvent {

  @Label("Program")
  @Description("The name of its file, as the command name is")
  public String program;

  /** {@code who} goes on in the program {@code name}. */
  public static void emit(Task who, String name) {
    ExecEvent e = new ExecEvent();
    if (e.shouldCommit()) {
      e.by(who);
      e.program = name;
      e.commit();
    }
  }
}
