package io.loomvisor.kernel.jfr;

import io.loomvisor.task.Task;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A task made another one: a thread or a process. */
@Name("io.loomvisor.Clone")
@Label("Clone")
@Category({"Loomvisor", "Kernel"})
@Description("A task made another one: a thread or a process")
@StackTrace(false)
public final class CloneEvent extends TaskEvent {

  @Label("Child")
  public int child;

  @Label("Is Thread")
  public boolean thread;

  /** {@code parent} has made {@code child}. */
  public static void emit(Task parent, Task child) {
    CloneEvent e = new CloneEvent();
    if (e.shouldCommit()) {
      e.by(parent);
      e.child = child.threadId();
      e.thread = child.group() == parent.group();
      e.commit();
    }
  }
}
