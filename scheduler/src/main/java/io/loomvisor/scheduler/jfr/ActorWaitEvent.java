package io.loomvisor.scheduler.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** An ask of a busy actor: the time until its reply. */
@Name("io.loomvisor.ActorWait")
@Label("Actor Wait")
@Category({"Loomvisor", "Scheduler"})
@Description("An ask found the actor busy: the time until its reply")
@Threshold("0 ns")
@StackTrace(false)
public final class ActorWaitEvent extends Event {
  @Label("Actor")
  public Class<?> actor;

  @Label("Rank")
  public String rank;
}
