package io.loomvisor.kernel.jfr;

import io.loomvisor.task.Task;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;

/** Something that a task does; its numbers are the application's. */
abstract class TaskEvent extends Event {
  @Label("Thread Id")
  @Description("As the application sees it")
  public int task;

  @Label("Process Id")
  public int process;

  final void by(Task who) {
    task = who.threadId();
    process = who.threadGroupId();
  }
}
